"""Scoring versions: side by side for the same days, with one that people see."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from accounts.models import User
from momentum.models import MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring.parameters import completed, declared, parameters_of

FIRST = "v1"
logger = logging.getLogger(__name__)


class VersionNotReady(Exception):
    """A version that has not scored the past yet cannot be the one that people see."""


class VersionFixed(Exception):
    """A version that has scored a day, or is about to, stays as it is."""


def active() -> ScoringVersion:
    """The version that people see; the first one is made from the declarations when there is none yet.

    One query. Safe when two ask for the first time at once.
    """
    found = ScoringVersion.objects.filter(is_active=True).first()
    if found is not None:
        return found
    ScoringVersion.objects.bulk_create([_first()], ignore_conflicts=True)
    return ScoringVersion.objects.get(is_active=True)


def active_or_to_be() -> ScoringVersion:
    """The version that people see, or before its first use an unsaved one as it will be: for who only looks."""
    return ScoringVersion.objects.filter(is_active=True).first() or _first()


def _first() -> ScoringVersion:
    return ScoringVersion(
        name=FIRST,
        parameters=declared().as_json(),
        status=VersionStatus.PUBLISHED,
        is_active=True,
        published_at=timezone.now(),
    )


def scored_versions() -> list[ScoringVersion]:
    """The versions whose scores are kept current, by name: the active one, and those ready beside it.

    One that is being backfilled is among them, so that it misses nothing of those whose past is done.
    """
    active()
    kept = (VersionStatus.PUBLISHED, VersionStatus.READY, VersionStatus.BACKFILLING)
    return list(ScoringVersion.objects.filter(status__in=kept).order_by("name"))


def draft_from(
    version: ScoringVersion, changes: Mapping[str, Any], *, name: str, notes: str = ""
) -> ScoringVersion:
    """A new version: all parameters of `version` but for `changes` (a part of the same tree).

    Raises pydantic's `ValidationError` when the changes do not make sense, and Django's when the name does not
    or is taken.
    """
    whole = completed(_merged(parameters_of(version).as_json(), changes))
    draft = ScoringVersion(name=name, parameters=whole.as_json(), notes=notes)
    draft.full_clean()
    draft.save(force_insert=True)
    return draft


@transaction.atomic
def revise(
    draft: ScoringVersion, changes: Mapping[str, Any], *, name: str, notes: str
) -> ScoringVersion:
    """Changes a draft that has scored nothing yet. Raises `VersionFixed` for any other, else as `draft_from`."""
    held = ScoringVersion.objects.select_for_update().get(pk=draft.pk)
    if not is_open(held):
        raise VersionFixed(f"{held.name} is {held.get_status_display().lower()} by now.")
    held.parameters = completed(_merged(parameters_of(held).as_json(), changes)).as_json()
    held.name, held.notes = name, notes
    held.full_clean()
    held.save(update_fields=["parameters", "name", "notes"])
    return held


def is_open(version: ScoringVersion) -> bool:
    """Whether `version` may still be changed: it is a draft and has scored no day."""
    if version.status != VersionStatus.DRAFT:
        return False
    return not MomentumPillar.objects.filter(version=version.name).exists()


def _merged(base: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the leaves of `changes`; what a normalizer is told belongs together and is one leaf."""
    merged = dict(base)
    for key, value in changes.items():
        is_tree = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if is_tree and key != "parameters" else value
    return merged


@transaction.atomic
def publish(
    version: ScoringVersion, by: User | None = None, *, may_lose_past: bool = False
) -> ScoringVersion:
    """Makes `version` the one that people see; the one before stays current beside it.

    Raises `VersionNotReady` unless its past has been scored: as far back as people see one, or from later on if
    they `may_lose_past`. Publishing the active one changes nothing.
    """
    rows = {row.pk: row for row in ScoringVersion.objects.select_for_update().order_by("name")}
    chosen = rows[version.pk]
    if chosen.is_active:
        return chosen
    if chosen.status != VersionStatus.READY:
        raise VersionNotReady(f"{chosen.name} is {chosen.get_status_display().lower()}.")
    begins = begins_late(chosen)
    if begins is not None and not may_lose_past:
        raise VersionNotReady(
            f"{chosen.name} has no scores before {begins:%d %b %Y}, where people see some: backfill those days"
            " first."
        )
    ScoringVersion.objects.filter(is_active=True).update(
        is_active=False, status=VersionStatus.READY
    )
    chosen.status, chosen.is_active = VersionStatus.PUBLISHED, True
    chosen.published_at = timezone.now()
    chosen.save(update_fields=["status", "is_active", "published_at"])
    logger.info("scoring_published version=%s by=%s", chosen.name, by.pk if by else "-")
    return chosen


def begins_late(version: ScoringVersion) -> date | None:
    """The first day of `version` when what people see begins before it, else `None`.

    Of one that scored nothing it is the day after the last that people see.
    """
    own, shown = (
        MomentumPillar.objects.filter(version=name).aggregate(first=Min("date"), last=Max("date"))
        for name in (version.name, active_or_to_be().name)
    )
    if shown["first"] is None:
        return None
    begins: date = own["first"] or shown["last"] + timedelta(days=1)
    return begins if begins > shown["first"] else None


def retire(version: ScoringVersion) -> None:
    """Keeps the scores of a version that people do not see, but scores no further day with it."""
    ScoringVersion.objects.filter(pk=version.pk, is_active=False).update(
        status=VersionStatus.RETIRED
    )
