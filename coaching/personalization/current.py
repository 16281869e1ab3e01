"""Which prompt the coach speaks by: the person's own, the one for everybody, or none yet."""

from dataclasses import dataclass

from accounts.models import User
from coaching.models import CoachingProfile

from .config import coaching_config

GENERIC_PROMPT = """\
Start where the person is. Make the next step small enough for a bad day, tie it to something they already do, and \
say in a sentence why it works. Notice effort and progress by name. When they struggle, look for the obstacle first: \
time, energy, place, forgetting, or a goal that is not their own. Offer two options at most, and let them choose."""

NOT_READY_PROMPT = """\
This person has no coach of their own yet: the prompt that would say who they are is not written. Answer questions of \
fact and use the tools for what they ask to be recorded or looked up. Where they ask for coaching, say kindly and in \
one sentence that their personal coach is not ready yet, and that the consultation is where it begins."""


@dataclass(frozen=True)
class CurrentPrompt:
    """The text to speak by. `version` is `None` when it is not the person's own."""

    text: str
    version: int | None

    @property
    def is_personal(self) -> bool:
        return self.version is not None


def current_prompt(user: User) -> CurrentPrompt:
    """The live prompt of `user`, also while a new one is being written or after that failed.

    Without one: the generic prompt, or, where ENABLE_GENERIC_FALLBACK is off, words that say so.
    """
    profile = CoachingProfile.objects.filter(user=user).first()
    if profile is not None and profile.coaching_system_prompt:
        return CurrentPrompt(profile.coaching_system_prompt, profile.system_prompt_version)
    fallback = GENERIC_PROMPT if coaching_config().enable_generic_fallback else NOT_READY_PROMPT
    return CurrentPrompt(fallback, None)
