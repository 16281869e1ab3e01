"""A person's profile and prompt as they read it: sentence by sentence, with what each rests on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from coaching.models import (
    CoachingProfile,
    DisputedFact,
    PromptRevision,
    PromptSentence,
    PromptStatus,
    RevisionStatus,
)

from .disputes import disputes_of
from .generation import had_consultation
from .sentences import PROFILE, Section

TITLES = {
    Section.GOALS: "What you want",
    Section.LIFE: "How things are now",
    Section.OBSTACLES: "What gets in the way",
    Section.BEHAVIOR: "What the record shows",
    Section.MANNER: "How to talk to you",
    Section.STANCE: "How I meet you",
    Section.METHOD: "How I work",
    Section.OPEN: "What I want to find out",
    Section.LIMITS: "What I never do",
}
ABOUT_YOU = (Section.GOALS, Section.LIFE, Section.OBSTACLES, Section.BEHAVIOR, Section.MANNER)
STEPS = {
    "waiting": "It is my turn in a moment.",
    "gathering": "Gathering what you told me.",
    "writing": "Writing.",
    "checking": "Reading it over.",
}


@dataclass(frozen=True)
class Part:
    """A section with its title."""

    section: Section
    title: str
    sentences: list[PromptSentence]

    @property
    def is_fixed(self) -> bool:
        """Whether it holds for everybody and cannot be changed."""
        return self.section == Section.LIMITS


@dataclass(frozen=True)
class Picture:
    """What the coach was told about somebody, and what they said against it."""

    profile: CoachingProfile | None
    revision: PromptRevision | None
    about: list[Part]
    manner: list[Part]
    disputes: list[DisputedFact]
    had_consultation: bool

    @property
    def status(self) -> str:
        return self.profile.prompt_status if self.profile else PromptStatus.NONE

    @property
    def is_being_written(self) -> bool:
        return self.status == PromptStatus.GENERATING

    @property
    def step(self) -> str:
        return STEPS.get(self.profile.prompt_progress, "") if self.profile else ""


def picture(user: User) -> Picture:
    """All of it in few queries."""
    profile = CoachingProfile.objects.filter(user=user).first()
    revision = (
        PromptRevision.objects.filter(user=user, status=RevisionStatus.LIVE)
        .prefetch_related("sentences")
        .first()
    )
    sentences = list(revision.sentences.all()) if revision else []
    parts = {
        section: Part(section, title, [each for each in sentences if each.section == section])
        for section, title in TITLES.items()
    }
    told = [part for part in parts.values() if part.sentences]
    return Picture(
        profile=profile,
        revision=revision,
        about=[part for part in told if part.section in ABOUT_YOU],
        manner=[part for part in told if part.section not in ABOUT_YOU],
        disputes=disputes_of(user),
        had_consultation=bool(revision) or had_consultation(user),
    )


def as_data(shown: Picture, *, now: datetime) -> dict[str, Any]:
    """The same as data."""
    profile, revision = shown.profile, shown.revision
    sentences = revision.sentences.all() if revision else []
    return {
        "status": shown.status,
        "step": profile.prompt_progress if profile else "",
        "version": revision.version if revision else None,
        "user_type": profile.user_type if profile else "beginner",
        "profile": revision.conversational_profile if revision else "",
        "prompt": revision.prompt if revision else "",
        "last_prompt_update": profile.last_prompt_update if profile else None,
        "consultation_done": shown.had_consultation,
        "sentences": [each for each in sentences if each.section != PROFILE],
        "corrections": shown.disputes,
        "at": now,
    }
