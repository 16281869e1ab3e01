"""How a person wants their coach to be about tasks, and what was learned of tones that help them."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from coaching.learning_permission import has_agreed, learners
from productivity.models import CoachingNudge, NudgeMode, PersonaProfile, PersonaType

from .humor import Standing, intensity_allowed
from .modes import Learned, draw_mode, usual_mode
from .numbers import NUMBERS, NudgeNumbers

EXAMPLES: Mapping[PersonaType, str] = {
    PersonaType.ROAST: "“Tax form” has stared at you long enough. Stare back, with a pen.",
    PersonaType.CHILL: "Tax form. Two minutes.",
    PersonaType.COACH: "“Tax form”: open it and do the first two minutes. That is the whole plan.",
    PersonaType.NEUTRAL: "“Tax form” is due tomorrow. It can also be moved.",
}


@dataclass(frozen=True)
class Voice:
    """The tone of one nudge, and who speaks."""

    mode: NudgeMode
    intensity: int
    persona: PersonaType


def profile_of(user: User) -> PersonaProfile:
    """The person's profile; one that is not saved as long as they chose nothing."""
    return PersonaProfile.objects.filter(user=user).first() or PersonaProfile(user=user)


def choose(
    user: User, *, persona: str | None = None, adaptation: bool | None = None
) -> PersonaProfile:
    """Keeps what the person chose. Without adaptation nothing of what was learned is kept."""
    changes: dict[str, object] = {}
    if persona is not None:
        changes["persona_type"] = PersonaType(persona)
    if adaptation is not None:
        changes["adaptation_enabled"] = adaptation
        if not adaptation:
            changes["learned_weights"] = {}
    with transaction.atomic():
        row, _ = PersonaProfile.objects.update_or_create(user=user, defaults=changes)
        if adaptation:
            relearn([user.pk], now=_latest(user))
            row.refresh_from_db()
    return row


def _latest(user: User) -> datetime:
    """The moment as of which a person's tones are weighed when they switch learning on."""
    newest = CoachingNudge.objects.filter(user=user).order_by("-created_at").first()
    return newest.created_at if newest else user.created_at


def learned_of(profile: PersonaProfile) -> dict[NudgeMode, Learned]:
    """What was learned, by tone; entries that cannot be read are left out."""
    found = {}
    for name, entry in profile.learned_weights.items():
        if name in NudgeMode.values and isinstance(entry, dict):
            found[NudgeMode(name)] = Learned(
                float(entry.get("tried", 0)), float(entry.get("helped", 0))
            )
    return found


# --- Which voice ----------------------------------------------------------------------------------


def voices(
    people: Mapping[UUID, Standing], seeds: Mapping[UUID, str], *, now: datetime
) -> dict[UUID, Voice]:
    """The voice for each of many people: two queries. The draw is fixed by `seeds`, so that it can be repeated."""
    profiles = {row.user_id: row for row in PersonaProfile.objects.filter(user__in=list(people))}
    agreed = set(learners().filter(pk__in=list(people)).values_list("pk", flat=True))
    return {
        pk: voice(
            profiles.get(pk) or PersonaProfile(user=standing.user),
            standing,
            adapts=pk in agreed,
            rng=random.Random(sha256(seeds[pk].encode()).digest()),
            now=now,
        )
        for pk, standing in people.items()
    }


def voice(
    profile: PersonaProfile,
    standing: Standing,
    *,
    adapts: bool,
    rng: random.Random,
    now: datetime,
    numbers: NudgeNumbers = NUMBERS,
) -> Voice:
    """The persona's fixed tone, or a draw where the person lets it adapt and agreed to be learned from."""
    persona = PersonaType(profile.persona_type)
    strength = intensity_allowed(standing, now=now, numbers=numbers)
    if adapts and profile.adaptation_enabled:
        mode = draw_mode(
            persona, learned_of(profile), may_roast=strength > 0, rng=rng, numbers=numbers
        )
    else:
        mode = usual_mode(persona, may_roast=strength > 0)
    return Voice(mode, strength if mode == NudgeMode.ROAST else 0, persona)


# --- Learning ---------------------------------------------------------------------------------------


def outcome_of(
    rating: int | None, helped: bool | None, numbers: NudgeNumbers = NUMBERS
) -> tuple[float, float]:
    """How much of a nudge is known (its weight) and how much of that helped."""
    parts = []
    if rating is not None:
        parts.append((numbers.rating_weight, (rating + 1) / 2))
    if helped is not None:
        parts.append((numbers.moved_weight, 1.0 if helped else 0.0))
    return sum(weight for weight, _ in parts), sum(weight * share for weight, share in parts)


def relearn(ids: Iterable[UUID], *, now: datetime, numbers: NudgeNumbers = NUMBERS) -> int:
    """Works the weights of people out anew from their nudges; returns for how many.

    The same nudges give the same weights, however often and by however many it is done. Nothing is learned
    about who does not agree to it, or switched adaptation off.
    """
    with transaction.atomic():
        rows = PersonaProfile.objects.filter(user__in=list(ids), adaptation_enabled=True)
        agreed = learners().filter(pk__in=rows.values("user")).values("pk")
        profiles = list(rows.filter(user__in=agreed).select_for_update(of=("self",)).order_by("pk"))
        found = _weighed(CoachingNudge.objects.filter(user__in=[p.user_id for p in profiles]), now)
        for profile in profiles:
            profile.learned_weights = found.get(profile.user_id, {})
        PersonaProfile.objects.bulk_update(profiles, ["learned_weights"])
    return len(profiles)


def _weighed(
    nudges: QuerySet[CoachingNudge], now: datetime, numbers: NudgeNumbers = NUMBERS
) -> dict[UUID, dict[str, dict[str, float]]]:
    """By person and tone: what was tried and what of it helped, the older the less."""
    found: dict[UUID, dict[str, dict[str, float]]] = {}
    rows = nudges.filter(created_at__gt=now - numbers.look_back, delivered=True).values_list(
        "user_id", "mode", "usefulness_rating", "helped", "created_at"
    )
    for user_id, mode, rating, helped, at in rows.order_by("created_at", "id"):
        weight, good = outcome_of(rating, helped, numbers)
        if not weight:
            continue
        fresh = 0.5 ** (max(0.0, (now - at) / numbers.half_life))
        entry = found.setdefault(user_id, {}).setdefault(mode, {"tried": 0.0, "helped": 0.0})
        entry["tried"] += weight * fresh
        entry["helped"] += good * fresh
    return {
        user_id: {
            mode: {name: round(value, 4) for name, value in entry.items()}
            for mode, entry in modes.items()
        }
        for user_id, modes in found.items()
    }


@dataclass(frozen=True)
class ToneLine:
    """What the person reads about one tone."""

    mode: NudgeMode
    tried: float
    helped: float

    @property
    def words(self) -> str:
        label = NudgeMode(self.mode).label
        if not self.tried:
            return f"{label}: nothing known yet"
        return f"{label}: helped in about {self.helped / self.tried:.0%} of what I know"


def tones_of(user: User) -> Sequence[ToneLine]:
    """What was learned, for the person to see; empty without their consent or with adaptation off."""
    profile = profile_of(user)
    if not profile.adaptation_enabled or not has_agreed(user):
        return []
    learned = learned_of(profile)
    return [
        ToneLine(mode, learned.get(mode, Learned()).tried, learned.get(mode, Learned()).helped)
        for mode in NudgeMode
    ]
