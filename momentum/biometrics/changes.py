"""Notable changes in what devices measure: weeks compared, and counted only when the person confirms them.

What is compared ends with a whole week, whichever day we look: so looking every day asks about each week once, by
chance no oftener than looking on Mondays, and a Monday without us loses nothing.

Devices err, watches are lent and scales move to another floor. So a change counts towards nothing before somebody
has said that it is true.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.age import minors
from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from coaching.learning_permission import learners
from coaching.toolkit import who_is_left_alone
from momentum.biometrics.metrics import METRICS
from momentum.models import BiometricChange, BiometricStream, ChangeStatus, Metric

# All of these are ours.
WINDOW_DAYS = 28
FEWEST_DAYS = 10
ASKED_DAYS = 14
DENIED_REST_DAYS = 30
PEOPLE_AT_ONCE = 500
# How many standard errors of the difference of the two means lie between them (Welch 1947): at 2.5 chance alone
# asks about one person in eighty.
NOISE_Z = 2.5


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which difference a change is notable: so much in the metric's unit, or so large a share."""

    metric: Metric
    absolute: float = 0.0
    share: float = 0.0
    # Whether more is better; `None`: nobody's business (guardrail on weight).
    is_more_good: bool | None = None


THRESHOLDS = {
    each.metric.value: each
    for each in (
        Threshold(Metric.RESTING_HEART_RATE, absolute=3, is_more_good=False),
        Threshold(Metric.HRV, share=0.10, is_more_good=True),
        Threshold(Metric.WEIGHT_KG, share=0.02),
        Threshold(Metric.SLEEP_MINUTES, absolute=30, is_more_good=True),
        Threshold(Metric.STEPS, share=0.20, is_more_good=True),
    )
}

_CHANGES = BiometricChange._meta.db_table
_LIMITS = ", ".join(
    f"('{each.metric.value}', {each.absolute}::float8, {each.share}::float8)"
    for each in THRESHOLDS.values()
)
_FIND = f"""
INSERT INTO {_CHANGES} (id, user_id, metric, since, until, before, after, status, created_at)
SELECT uuidv7(), found.user_id, found.metric, %(last)s::date - {WINDOW_DAYS - 1}, %(last)s,
    found.before, found.after, 'asked', %(now)s
FROM (
    SELECT s.user_id, s.metric,
        avg(s.value) FILTER (WHERE NOT is_late) AS before, avg(s.value) FILTER (WHERE is_late) AS after,
        count(*) FILTER (WHERE NOT is_late) AS days_before, count(*) FILTER (WHERE is_late) AS days_after,
        var_samp(s.value) FILTER (WHERE NOT is_late) AS var_before,
        var_samp(s.value) FILTER (WHERE is_late) AS var_after
    FROM (
        SELECT user_id, metric, value, date > %(last)s::date - {WINDOW_DAYS} AS is_late
        FROM {BiometricStream._meta.db_table}
        WHERE is_preferred AND date > %(last)s::date - {2 * WINDOW_DAYS} AND date <= %(last)s
            AND user_id IN ({{people}})
    ) s
    GROUP BY s.user_id, s.metric
) found
JOIN (VALUES {_LIMITS}) l(metric, absolute, share) ON l.metric = found.metric
WHERE found.days_before >= {FEWEST_DAYS} AND found.days_after >= {FEWEST_DAYS}
    AND abs(found.after - found.before) >= GREATEST(l.absolute, l.share * abs(found.before))
    AND abs(found.after - found.before) >= {NOISE_Z} * sqrt(
        found.var_before / found.days_before + found.var_after / found.days_after)
    AND NOT EXISTS (
        SELECT FROM {_CHANGES} c WHERE c.user_id = found.user_id AND c.metric = found.metric AND (
            c.status = 'asked'
            OR c.status = 'denied' AND c.answered_at > %(now)s - interval '{DENIED_REST_DAYS} days'
            -- Answered or not: the same days are not asked about twice.
            OR c.until > %(last)s::date - {WINDOW_DAYS}))
ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of our own tables and metrics


class ChangeRefused(Exception):
    """The change cannot be answered any more; the text says why, in words for the person."""


def find_changes(*, now: datetime) -> int:
    """Asks people about notable changes of the four weeks until last Sunday; returns about how many.

    Those of people who agree to be learned about, one statement for all of them; a second run asks nothing new.
    """
    expire(now=now)
    people, parameters = learners().order_by().values("pk").query.sql_with_params()
    # The people's query brings positional marks: names for them, so that the two go together.
    named = {f"p{index}": value for index, value in enumerate(parameters)}
    sql = people % tuple(f"%({name})s" for name in named)
    today = now.astimezone(UTC).date()
    last = today - timedelta(days=today.weekday() + 1)
    with transaction.atomic(), connection.cursor() as cursor:
        # One finder at a time, so that two cannot both find nothing open.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('biometric changes', 5))")
        cursor.execute(_FIND.format(people=sql), {**named, "last": last, "now": now})
        return int(cursor.rowcount) - _leave_alone(last, now)


def _leave_alone(last: date, now: datetime) -> int:
    """Takes back, unseen, what would be asked about weight of people who are not to be asked about it.

    What was asked of them earlier goes, too: they may have told since. Returns how many of today's.
    """
    asked = BiometricChange.objects.filter(metric=Metric.WEIGHT_KG, status=ChangeStatus.ASKED)
    people = sorted(set(asked.values_list("user_id", flat=True)))
    taken_back = 0
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        some = people[start : start + PEOPLE_AT_ONCE]
        alone = who_is_left_alone(some, now) | set(
            minors(last).filter(pk__in=some).values_list("pk", flat=True)
        )
        rows = asked.filter(user__in=alone)
        taken_back += rows.filter(created_at=now).count()
        rows.delete()
    return taken_back


def expire(*, now: datetime) -> int:
    """Puts away what nobody answered."""
    old = BiometricChange.objects.filter(
        status=ChangeStatus.ASKED, created_at__lt=now - timedelta(days=ASKED_DAYS)
    )
    return old.update(status=ChangeStatus.EXPIRED)


def open_changes(user: User) -> Iterable[BiometricChange]:
    """What the person is asked, the newest first."""
    return BiometricChange.objects.filter(user=user, status=ChangeStatus.ASKED).order_by("-id")


def confirm(user: User, change_id: UUID, *, via: str, now: datetime) -> BiometricChange:
    """The person says that the change is true: its days are marked, and it counts. Twice is once.

    Raises `BiometricChange.DoesNotExist`, and `ChangeRefused` when it was put away unanswered.
    """
    return _answer(user, change_id, ChangeStatus.CONFIRMED, via, now)


def deny(user: User, change_id: UUID, *, via: str, now: datetime) -> BiometricChange:
    """The person says that the change is not right; it rests for 30 days. Raises as `confirm`."""
    return _answer(user, change_id, ChangeStatus.DENIED, via, now)


def undo(user: User, change_id: UUID, *, via: str, now: datetime) -> BiometricChange:
    """Takes an answer back: the question is open again. Raises as `confirm`."""
    return _answer(user, change_id, ChangeStatus.ASKED, via, now)


def _answer(
    user: User, change_id: UUID, status: ChangeStatus, via: str, now: datetime
) -> BiometricChange:
    with transaction.atomic():
        change = BiometricChange.objects.select_for_update().get(user=user, pk=change_id)
        if change.status == status:
            return change
        if change.status == ChangeStatus.EXPIRED:
            raise ChangeRefused("This was put away after two weeks without an answer.")
        if change.status == ChangeStatus.CONFIRMED:
            _take_back(change, via, now)
        change.status = status
        change.answered_at = None if status == ChangeStatus.ASKED else now
        change.save(update_fields=["status", "answered_at"])
        if status == ChangeStatus.CONFIRMED:
            _count(change, via, now)
    return change


def _rows(change: BiometricChange) -> QuerySet[BiometricStream]:
    return BiometricStream.objects.filter(
        user=change.user,
        metric=change.metric,
        date__range=(change.since, change.until),
        is_preferred=True,
    )


def _count(change: BiometricChange, via: str, now: datetime) -> None:
    _rows(change).filter(validated_at=None).update(validated_at=now)
    raw_data = {"local_date": local_day(change.user, now).isoformat(), **_about(change)}
    key = f"biometrics.change:{change.pk}:confirmed:{now.isoformat()}"
    ledger.record(
        change.user,
        "biometrics.change_confirmed",
        raw_data=raw_data,
        source=via,
        idempotency_key=key,
        occurred_at=now,
    )


def _take_back(change: BiometricChange, via: str, now: datetime) -> None:
    answered = change.answered_at or now
    _rows(change).filter(validated_at=answered).update(validated_at=None)
    ledger.record(
        change.user,
        "biometrics.change_withdrawn",
        # Of the day on which it had counted.
        raw_data={
            "local_date": local_day(change.user, answered).isoformat(),
            "change": str(change.pk),
        },
        source=via,
        idempotency_key=f"biometrics.change:{change.pk}:withdrawn:{now.isoformat()}",
        occurred_at=now,
    )


def _about(change: BiometricChange) -> dict[str, object]:
    """What the ledger learns. Of weight only that something was confirmed: never how much, nor which way."""
    about: dict[str, object] = {"change": str(change.pk), "metric": change.metric, "value": 1.0}
    is_more_good = THRESHOLDS[change.metric].is_more_good
    if is_more_good is None:
        return about | {"direction_is_good": None}
    is_good = (change.after > change.before) == is_more_good
    return about | {
        "before": round(change.before, 2),
        "after": round(change.after, 2),
        "direction_is_good": is_good,
    }


def tells_numbers(change: BiometricChange) -> bool:
    """Whether the question may be put in figures: never of weight."""
    return THRESHOLDS[change.metric].is_more_good is not None


def in_words(change: BiometricChange) -> str:
    """The question, without a verdict; of weight without its numbers."""
    info = METRICS[change.metric]
    name = info.metric.label.lower()
    span = f"over the four weeks until {_day(change.until)}"
    if not tells_numbers(change):
        return f"Your {name} is different {span} from the four weeks before."
    return (
        f"Your {name} was {info.in_words(change.after)} on average {span},"
        f" and {info.in_words(change.before)} in the four weeks before."
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
