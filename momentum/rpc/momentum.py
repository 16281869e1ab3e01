"""Momentum over gRPC: the same answers as over REST."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from accounts.rpc.calls import Call, unary
from accounts.rpc.moments import day_of, stamp
from accounts.rpc.refusing import Invalid
from accounts.rpc.stubs import load
from momentum.course import EARLIEST, LATEST
from momentum.explaining import EvidenceLine, Explanation, KindPart, PillarPart, explain
from momentum.models import MomentumPillar, ScoringVersion, VersionStatus
from momentum.standing import Standing, history, standing_of

messages, services = load("momentum/rpc/momentum.proto")
USUAL_DAYS = 90
MOST_DAYS = 400
SHOWN_VERSIONS = (VersionStatus.PUBLISHED, VersionStatus.READY, VersionStatus.RETIRED)


class Momentum(services.MomentumServicer):  # type: ignore[misc, name-defined, unused-ignore]
    """Where a person stands, the course of their days, and why."""

    @unary
    def Today(self, call: Call, request: Any) -> Any:
        return _standing(standing_of(call.user, timezone.now()))

    @unary
    def Range(self, call: Call, request: Any) -> Any:
        last = _day(request, "last", call.user)
        if request.first:
            first = _day(request, "first", call.user)
        else:
            first = max(EARLIEST, last - timedelta(days=USUAL_DAYS - 1))
        if first > last:
            raise Invalid(first="It lies after `last`.")
        if (last - first).days >= MOST_DAYS:
            raise Invalid(first=f"Ask for at most {MOST_DAYS} days at a time.")
        rows = history(call.user, first, last, _version(request))
        return messages.Days(days=[_scored(row) for row in rows])

    @unary
    def Explain(self, call: Call, request: Any) -> Any:
        day = _day(request, "day", call.user)
        version = _version(request)
        found = explain(call.user, day, version) if day > EARLIEST else None
        if found is None:
            raise Http404
        return _explanation(found)


def _day(request: Any, field: str, user: User) -> date:
    """The day in a field, the person's today when it is empty; raises `Invalid`."""
    day = day_of(getattr(request, field), field) or local_day(user, timezone.now())
    if not EARLIEST <= day <= LATEST:
        raise Invalid(**{field: f"A day from {EARLIEST} to {LATEST}."})
    return day


def _version(request: Any) -> ScoringVersion | None:
    if not request.version:
        return None
    found = None
    if "\0" not in request.version:
        found = ScoringVersion.objects.filter(
            name=request.version, status__in=SHOWN_VERSIONS
        ).first()
    if found is None:
        raise Invalid(version="There is no such version.")
    return found


def _standing(found: Standing) -> Any:
    return messages.Standing(
        today=found.today.isoformat(),
        day=found.day.isoformat() if found.day else "",
        version=found.version,
        overall=found.overall,
        pillars=[
            messages.Pillar(
                name=pillar.name.value,
                title=pillar.title,
                score=pillar.score,
                evidence_on=pillar.evidence_on.isoformat() if pillar.evidence_on else "",
                words=pillar.words,
            )
            for pillar in found.pillars
        ],
        coverage=found.coverage,
        coverage_words=found.coverage_words,
        direction=found.direction.value,
        state=found.state,
        state_words=found.state_words,
        is_provisional=found.is_provisional,
        day_words=found.day_words,
        baseline=found.baseline,
        days_until_baseline=found.days_until_baseline,
        baseline_words=found.baseline_words,
        movers=[
            messages.Mover(title=mover.title, points=mover.points, words=mover.words)
            for mover in found.movers
        ],
        gap=found.gap.value if found.gap else "",
        gap_words=found.gap_words,
        to_do=found.to_do,
    )


def _scored(row: MomentumPillar) -> Any:
    return messages.Day(
        day=row.date.isoformat(),
        version=row.version,
        overall=row.overall_score,
        cognitive=row.cognitive_score,
        behavioral=row.behavioral_score,
        relational=row.relational_score,
        biometric=row.biometric_score,
        coverage=row.coverage,
        direction=row.direction,
        average_7=row.average_7,
        average_42=row.average_42,
        is_provisional=row.finalized_at is None,
        revised_at=stamp(row.revised_at),
        revision_reason=row.revision_reason,
    )


def _explanation(found: Explanation) -> Any:
    return messages.Explanation(
        day=found.day.isoformat(),
        version=found.version,
        before=found.before,
        after=found.after,
        change=found.change,
        pillars=[_pillar_part(part) for part in found.pillars],
        is_provisional=found.is_provisional,
        finalized_at=stamp(found.finalized_at),
        revised_at=stamp(found.revised_at),
        revision_reason=found.revision_reason,
        status_words=found.status_words,
        words=found.words,
    )


def _pillar_part(part: PillarPart) -> Any:
    return messages.PillarPart(
        name=part.name.value,
        title=part.title,
        happened=part.happened.value,
        before=part.before,
        after=part.after,
        weight=part.weight,
        points=part.points,
        remainder=part.remainder,
        words=part.words,
        kinds=[_kind_part(kind) for kind in part.kinds],
    )


def _kind_part(part: KindPart) -> Any:
    return messages.KindPart(
        kind=part.kind,
        title=part.title,
        value=part.value,
        words=part.words,
        events=part.events,
        weight=part.weight,
        share=part.share,
        points=part.points,
        evidence=[_evidence(line) for line in part.evidence],
    )


def _evidence(line: EvidenceLine) -> Any:
    return messages.Evidence(
        at=stamp(line.at), words=line.words, score=line.score, source=line.source
    )
