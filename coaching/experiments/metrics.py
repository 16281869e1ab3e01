"""Coaching's own measures of what became of people: activity, and how much the coach asks of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Value,
)
from django.db.models.functions import Cast

from accounts.day import local_day
from accounts.models import Consent, ConsentKind, User
from coaching.models import CoachMessage, MessageCause, Mute, RawBehavioralLog
from coaching.toolkit import MetricKind, OutcomeWindow, outcome_metric

WEEK = timedelta(days=7)
CHANNELS = (ConsentKind.PUSH, ConsentKind.EMAIL, ConsentKind.SMS, ConsentKind.CALLS)


@outcome_metric("coaching.active_days", title="Days with activity", kind=MetricKind.MEAN)
def active_days(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """On how many of the person's own days they did anything the ledger knows."""
    people = User.objects.in_bulk([window.user_id for window in windows])
    since, until = _bounds(windows)
    zoned = Func(
        F("user__timezone"),
        F("occurred_at"),
        function="timezone",
        output_field=DateTimeField(),
    )
    into_day = Func(
        *[Value(0)] * 4,
        F("user__day_start_hour"),
        function="make_interval",
        output_field=DurationField(),
    )
    day = Cast(
        ExpressionWrapper(zoned - into_day, output_field=DateTimeField()), output_field=DateField()
    )
    days: dict[UUID, set[date]] = {}
    for user_id, found in (
        RawBehavioralLog.objects.filter(
            user__in=list(people), occurred_at__gte=since, occurred_at__lt=until
        )
        .order_by()
        .values_list("user_id", day)
        .distinct()
    ):
        days.setdefault(user_id, set()).add(found)
    values: list[float | None] = []
    for window in windows:
        person = people[window.user_id]
        first, end = local_day(person, window.since), local_day(person, window.until)
        values.append(sum(first <= found < end for found in days.get(window.user_id, ())))
    return values


@outcome_metric(
    "coaching.messages_sent",
    title="Unasked messages a week",
    kind=MetricKind.MEAN,
    higher_is_better=False,
)
def messages_sent(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """Messages that went out unasked, on any channel, per week; reminders were ordered and do not count."""
    sent = _messages(windows)
    return [
        len(sent[window]) / ((window.until - window.since) / WEEK)
        if window.until > window.since
        else None
        for window in windows
    ]


@outcome_metric(
    "coaching.messages_engaged", title="Share of messages followed", kind=MetricKind.MEAN
)
def messages_engaged(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """Of the unasked messages a person got, the share they followed; nothing when they got none."""
    sent = _messages(windows)
    return [sum(sent[window]) / len(sent[window]) if sent[window] else None for window in windows]


@outcome_metric(
    "coaching.muted",
    title="People who muted or opted out",
    kind=MetricKind.PROPORTION,
    higher_is_better=False,
)
def muted(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """Whether a person muted something, or took back their consent to a channel."""
    since, until = _bounds(windows)
    mutes = Mute.objects.filter(
        user__in=[window.user_id for window in windows],
        created_at__gte=since,
        created_at__lt=until,
    ).values_list("user_id", "created_at")
    return _happened(windows, [*mutes, *_withdrawals(windows)])


@outcome_metric(
    "coaching.consent_withdrawn",
    title="People who took a consent back",
    kind=MetricKind.PROPORTION,
    higher_is_better=False,
)
def consent_withdrawn(windows: Sequence[OutcomeWindow]) -> list[float | None]:
    """Whether a person who had agreed to a channel took it back."""
    return _happened(windows, _withdrawals(windows))


Moment = tuple[UUID, datetime]


def _bounds(windows: Sequence[OutcomeWindow]) -> tuple[datetime, datetime]:
    """From the first beginning to the last end, so that one query serves all windows."""
    return min(window.since for window in windows), max(window.until for window in windows)


def _messages(windows: Sequence[OutcomeWindow]) -> dict[OutcomeWindow, list[bool]]:
    """For each window, the unasked messages that went out in it, and whether each was followed."""
    since, until = _bounds(windows)
    by_person: dict[UUID, list[tuple[datetime, bool]]] = {}
    rows = (
        CoachMessage.objects.sent()
        .filter(
            user__in=[window.user_id for window in windows], sent_at__gte=since, sent_at__lt=until
        )
        .exclude(cause=MessageCause.REMINDER)
    )
    for user_id, sent_at, engaged_at in rows.values_list("user_id", "sent_at", "engaged_at"):
        if sent_at is not None:
            by_person.setdefault(user_id, []).append((sent_at, engaged_at is not None))
    return {
        window: [
            followed
            for sent_at, followed in by_person.get(window.user_id, [])
            if window.since <= sent_at < window.until
        ]
        for window in windows
    }


def _withdrawals(windows: Sequence[OutcomeWindow]) -> list[Moment]:
    """When people took back their consent to a channel; saying no from the start takes nothing back."""
    since, until = _bounds(windows)
    agreed_before = Consent.objects.filter(
        user=OuterRef("user"), kind=OuterRef("kind"), granted=True, at__lt=OuterRef("at")
    )
    withdrawn = Consent.objects.filter(
        Exists(agreed_before),
        user__in=[window.user_id for window in windows],
        kind__in=CHANNELS,
        granted=False,
        at__gte=since,
        at__lt=until,
    )
    return list(withdrawn.values_list("user_id", "at"))


def _happened(windows: Sequence[OutcomeWindow], moments: Sequence[Moment]) -> list[float | None]:
    """1 where one of the moments of the window's person lies in it, else 0."""
    by_person: dict[UUID, list[datetime]] = {}
    for user_id, at in moments:
        by_person.setdefault(user_id, []).append(at)
    return [
        float(any(window.since <= at < window.until for at in by_person.get(window.user_id, ())))
        for window in windows
    ]
