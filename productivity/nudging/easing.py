"""Ease up: one word, and nothing is teased for two weeks. It takes effect at once, whichever model is there."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from coaching.safety.screen import normalize
from productivity.models import CoachingNudge, NudgeMode, PersonaProfile

from .numbers import NUMBERS, NudgeNumbers

# How long after a roast "that was mean" is about it.
IS_ABOUT_IT = timedelta(days=2)
EASED_UP = "eased_up"
# Whole sentences, as the normalized text reads: lower case, without apostrophes or punctuation.
_SOFTLY = r"(?:please |hey |ok |okay |ouch |wow |um |no )*"
_END = r"(?: please| ok| okay| now| a bit| a little| thanks| thank you| coach)*"
_PLAIN = re.compile(
    rf"^{_SOFTLY}(?:"
    r"(?:can|could|would) you (?:please )?(?:ease up|go easy|tone it down|be nicer|be gentler|stop (?:teasing|roasting|mocking)(?: me)?)"
    r"|ease up(?: on (?:me|it|the \w+))?|ease off(?: on (?:me|the \w+))?"
    r"|go easy on me|easy on me|tone it down|tone down the (?:jokes|humou?r|teasing|roasts?|sarcasm)"
    r"|(?:stop|no more|quit|enough with|enough of|less) (?:the |your |with the )?(?:teasing|roasting|roasts?|jokes|sarcasm|mockery|mocking)(?: me)?"
    r"|(?:stop|quit|dont) (?:making fun of|mock(?:ing)?|teas(?:e|ing)|roast(?:ing)?) (?:of )?me(?: any ?more)?"
    r"|be (?:nicer|kinder|gentler|nice|kind|gentle)(?: to me| with me)?"
    rf"){_END}$"
)
# These may be about anything: they count after a roast.
_HURT = re.compile(
    rf"^{_SOFTLY}(?:(?:that|this|it|youre|you are|that one|your (?:last )?(?:message|joke|nudge))"
    r"(?: was| is| were)?|thats|not) "
    r"(?:so |really |very |a bit |too |kind of |pretty |just )*"
    r"(?:mean|rude|harsh|hurtful|unkind|nasty|cruel|too much|not funny|not nice|not ok|not okay|funny|nice|cool|uncalled for|below the belt)"
    rf"{_END}$|^{_SOFTLY}(?:ouch|that hurts?|that hurt me|not cool|not funny|too far|thats not funny|that stung){_END}$"
)
_FUNNY = re.compile(
    r"\b(?:was|is|thats|so|really|very) (?:so |really |very )*(?:funny|nice|cool)\b"
)


def wants_ease(user: User, text: str, *, now: datetime) -> bool:
    """Whether `text`, said on any channel, asks for no more teasing. Only whole sentences count.

    What may be about anything ("that was mean") counts when something was teased in the last two days.
    """
    if len(text) > 200:
        return False
    said = normalize(text)
    if _PLAIN.match(said):
        return True
    if not _HURT.match(said) or (_FUNNY.search(said) and "not" not in said.split()):
        return False
    since = now - IS_ABOUT_IT
    teased = CoachingNudge.objects.filter(user=user, mode=NudgeMode.ROAST)
    return teased.filter(Q(created_at__gt=since) | Q(delivered_at__gt=since)).exists()


def ease_up(user: User, *, now: datetime, numbers: NudgeNumbers = NUMBERS) -> datetime:
    """Nothing is teased from now on, for two weeks; returns until when. Again: two weeks from then.

    What waits to be sent is reworded when its turn comes; the roast it was said about counts as a miss.
    """
    until = now + numbers.ease
    with transaction.atomic():
        # Whoever sends or writes a roast holds this lock while they look.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
        PersonaProfile.objects.update_or_create(user=user, defaults={"eased_until": until})
        last = (
            CoachingNudge.objects.filter(user=user, mode=NudgeMode.ROAST, delivered=True)
            .filter(delivered_at__gt=now - IS_ABOUT_IT, misfire="")
            .order_by("-delivered_at")
            .first()
        )
        if last is not None:
            last.misfire = EASED_UP
            last.save(update_fields=["misfire"])
    return until


def is_eased(user: User, *, now: datetime) -> datetime | None:
    """Until when nothing is teased because the person said so, if that still holds."""
    until = PersonaProfile.objects.filter(user=user).values_list("eased_until", flat=True).first()
    return until if until is not None and until > now else None


def end_ease(user: User) -> None:
    """The person takes it back: teasing may come again, if they have it on at all."""
    PersonaProfile.objects.filter(user=user).update(eased_until=None)
