"""Who takes part in an experiment, and when a person first meets their variant.

`variant_of` is the moment of exposure: what is asked for is shown. One query for somebody who was exposed
before; for everybody else a few more, once.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import Consent, ConsentKind, User
from coaching.models import CrisisAlert, Experiment, ExperimentAssignment, ExperimentStatus
from coaching.toolkit import Variation, segments

from .assignment import enrol


def chosen_variant(user: User, point: Variation, now: datetime) -> str | None:
    """The option that a running experiment gives `user` at `point`; `None` leaves the usual one.

    Asking exposes the person. Staff, closed accounts, people whose automation is paused, people in a crisis
    pause and people who did not agree to behavioural tracking take no part, and neither does somebody
    outside the experiment's segment who was not drawn before.
    """
    if not _may_take_part(user):
        return None
    mine = ExperimentAssignment.objects.filter(experiment=OuterRef("pk"), user=user)
    experiment = (
        Experiment.objects.filter(variation=point.key, status=ExperimentStatus.RUNNING)
        .annotate(
            drawn=Subquery(mine.values("variant")[:1]),
            exposed_at=Subquery(mine.values("exposed_at")[:1]),
            agrees=Subquery(_decisions_of(user).values("granted")[:1]),
            in_crisis=Exists(CrisisAlert.objects.filter(user=user, paused_until__gt=now)),
        )
        .first()
    )
    if experiment is None or not experiment.agrees or experiment.in_crisis:
        return None
    variant: str | None = experiment.drawn
    if variant is None:
        if not _is_in_segment(experiment, user):
            return None
        variant = enrol(experiment, user, now=now, is_exposed=True)
    elif experiment.exposed_at is None:
        _expose(experiment, user, now)
    # An option that the product no longer has leaves the usual one.
    return variant if variant in point.options else None


def _may_take_part(user: User) -> bool:
    return (
        user.is_active
        and not user.is_staff
        and user.deleted_at is None
        and user.automation_paused_at is None
    )


def _decisions_of(user: User) -> QuerySet[Consent]:
    """What the person decided about behavioural tracking, the newest first."""
    tracking = Consent.objects.filter(user=user, kind=ConsentKind.BEHAVIORAL_TRACKING)
    return tracking.order_by("-at", "-id")


def _is_in_segment(experiment: Experiment, user: User) -> bool:
    """Whether the experiment is for this person; a segment that is gone holds nobody."""
    if not experiment.segment:
        return True
    if experiment.segment not in segments:
        return False
    return segments.get(experiment.segment)().filter(pk=user.pk).exists()


def _expose(experiment: Experiment, user: User, now: datetime) -> None:
    """Keeps the first moment only, whoever else asks at the same time."""
    ExperimentAssignment.objects.filter(
        experiment=experiment, user=user, exposed_at__isnull=True
    ).update(exposed_at=now)
