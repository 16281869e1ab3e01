"""The decision round: for everybody at a decision point, whether to speak now, and with which words.

Set-based: a fixed number of queries for many people, then arithmetic. Every decision is stored with its
odds and its random number, also the decision to say nothing. What is decided to be said goes through the
outbox, where the governor has the last word.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.day import local_day
from accounts.models import Consent, ConsentKind, User
from coaching.models import (
    CrisisAlert,
    MessageCause,
    MessageTemplate,
    Mute,
    NudgeDecision,
    NudgePosterior,
    Preferences,
)
from coaching.toolkit import Manner, Need, need_sources

from . import outbox
from .activity import Contacts, activity_of, contacts_of, with_last_active
from .backoff import DAY, Activity, backoff
from .clock import local_clocks
from .governor import Limits
from .open_hours import OpenHours
from .phrasing import Wording
from .policy import words
from .policy.availability import Situation, Unavailable, must_be_silent, unavailable
from .policy.config import NUMBERS, PolicyNumbers
from .policy.features import FEATURES, features_of, share_of_hour, usually_inactive, vector
from .policy.learning import update_posteriors
from .policy.points import point_reached, with_point_reached
from .policy.regression import belief_from, prior
from .policy.rewards import resolve_rewards
from .policy.thompson import chance_of_benefit, clipped, next_dosage
from .routing import channel_of_choice

__all__ = ["decide_round", "resolve_rewards", "update_posteriors"]

logger = logging.getLogger(__name__)
BATCH = 200
# The purpose of the templates that ask somebody who drifts away how it goes.
CHECK_IN = "outreach.check_in"
# How long a check-in may wait for an open moment.
CHECK_IN_HOLDS_FOR = timedelta(hours=12)


def decide_round(
    *,
    now: datetime,
    rng: random.Random,
    ids: tuple[UUID, UUID] | None = None,
    numbers: PolicyNumbers = NUMBERS,
) -> int:
    """Decides for everybody whose decision point has come; returns how many decisions were stored.

    Only for people who agree to behavioural tracking; with `ids` only for those from the first id to the
    last. Safe to run twice at once: a decision point is decided once, and only the round that stored the
    decision speaks. A batch and its messages are committed together, so a round that dies leaves whole
    people undecided and is made up for by the next.
    """
    wording = Wording(now, numbers)
    waiting = due_for_decision(now=now, numbers=numbers)
    if ids is not None:
        waiting = waiting.filter(pk__range=ids)
    stored = 0
    after: UUID | None = None
    while people := _next(waiting, now, after):
        stored += _decide(people, now, rng, wording, numbers)
        if len(people) < BATCH:
            break
        after = people[-1].pk
    return stored


def due_for_decision(*, now: datetime, numbers: PolicyNumbers = NUMBERS) -> QuerySet[User]:
    """The people whose decision point has come and is not decided yet."""
    # Points lie hours apart: what was decided a moment ago was this one.
    just_decided = NudgeDecision.objects.filter(
        user=OuterRef("pk"), at__gt=now - timedelta(minutes=numbers.catch_up_minutes)
    )
    return (
        with_point_reached(User.objects.all(), local_clocks(now=now), numbers)
        .filter(~Exists(just_decided), deleted_at__isnull=True, is_active=True)
        .alias(agreed=Consent.objects.decision_of("pk", ConsentKind.BEHAVIORAL_TRACKING))
        .filter(agreed=True)
    )


def _next(waiting: QuerySet[User], now: datetime, after: UUID | None) -> list[User]:
    """The next batch by id.

    They come with `last_active_at`, with `first_decided_at`, and with the `dosage` before their newest
    decision and whether it spoke (`newest`).
    """
    theirs = NudgeDecision.objects.filter(user=OuterRef("pk"))
    people = waiting.annotate(
        first_decided_at=Subquery(theirs.order_by("at").values("at")[:1]),
        newest=Subquery(
            theirs.order_by("-at").values_list(JSONObject(dosage="dosage", sent="sent"))[:1]
        ),
    ).order_by("pk")
    if after is not None:
        people = people.filter(pk__gt=after)
    return list(with_last_active(people, now)[:BATCH])


@dataclass(frozen=True)
class _Known:
    """Everything a batch of decisions rests on, by person."""

    preferences: Mapping[UUID, Preferences]
    in_crisis: set[UUID]
    mutes: Mapping[UUID, list[Mute]]
    contacts: dict[UUID, Contacts]
    activities: dict[UUID, Activity]
    posteriors: Mapping[UUID, NudgePosterior]


def _known_of(people: Sequence[User], now: datetime, numbers: PolicyNumbers) -> _Known:
    """Reads it in one query each."""
    ids = [person.pk for person in people]
    mutes: dict[UUID, list[Mute]] = defaultdict(list)
    for mute in Mute.objects.lasting(now).filter(user__in=ids):
        mutes[mute.user_id].append(mute)
    contacts = contacts_of(people, now=now)
    return _Known(
        preferences={row.user_id: row for row in Preferences.objects.filter(user__in=ids)},
        in_crisis=set(
            CrisisAlert.objects.filter(user__in=ids, paused_until__gt=now).values_list(
                "user_id", flat=True
            )
        ),
        mutes=mutes,
        contacts=contacts,
        activities=activity_of(people, contacts, now=now),
        posteriors={
            row.user_id: row
            for row in NudgePosterior.objects.filter(user__in=ids, policy_version=numbers.version)
        },
    )


def _needs_of(
    people: Sequence[User], now: datetime
) -> tuple[dict[UUID, list[tuple[str, Need]]], bool]:
    """Each person's needs with the source's key, and whether a source failed."""
    found: dict[UUID, list[tuple[str, Need]]] = defaultdict(list)
    failed = False
    for source in need_sources if people else ():
        try:
            with transaction.atomic():
                needs = source.find(people, now)
        except Exception:
            logger.exception("need_source_failed key=%s", source.key)
            failed = True
            continue
        for need in needs:
            found[need.user_id].append((source.key, need))
    return found, failed


@dataclass
class _Plan:
    """One decision to be stored, and what is to be said if it is the one that counts."""

    user: User
    decision: NudgeDecision
    need: Need | None = None
    kinds: Collection[str] = ()
    template: MessageTemplate | None = None
    message: dict[str, Any] = field(default_factory=dict)


def _decide(
    people: Sequence[User],
    now: datetime,
    rng: random.Random,
    wording: Wording,
    numbers: PolicyNumbers,
) -> int:
    """Stores the decisions of a batch and says what they decided; returns how many were new."""
    with transaction.atomic():
        plans = _plans(people, now, rng, wording, numbers)
        NudgeDecision.objects.bulk_create([plan.decision for plan in plans], ignore_conflicts=True)
        # Of two rounds at once the second waits for the first at the unique key and then finds no new rows.
        stored = set(
            NudgeDecision.objects.filter(pk__in=[plan.decision.pk for plan in plans]).values_list(
                "pk", flat=True
            )
        )
        spoken = [plan for plan in plans if plan.decision.pk in stored and plan.template]
        for plan in spoken:
            _say(plan, now)
        NudgeDecision.objects.bulk_update(
            [plan.decision for plan in spoken if plan.decision.sent], ["message", "had_error"]
        )
    return len(stored)


def _plans(
    people: Sequence[User],
    now: datetime,
    rng: random.Random,
    wording: Wording,
    numbers: PolicyNumbers,
) -> list[_Plan]:
    """What the decision of each person is."""
    known = _known_of(people, now, numbers)
    situations = {person.pk: _situation(person, known, now, numbers) for person in people}
    # Most people rest at most points: what they may need is not looked up then.
    open_to = [person for person in people if unavailable(situations[person.pk], numbers) is None]
    needs, has_failed = _needs_of(open_to, now)
    asked = {person.pk for person in open_to}
    chosen = {
        person.pk: need
        for person in open_to
        if (
            need := _need_of(
                needs.get(person.pk, []),
                known.mutes.get(person.pk, []),
                situations[person.pk].today,
            )
        )
    }
    kinds, without_manner = _kinds_of(chosen, now)
    plans = []
    for person in people:
        number = rng.random()
        point = point_reached(person, now, numbers)
        if point is not None:
            need = None if person.pk in without_manner else chosen.get(person.pk)
            decision = _undecided(person, point, known, need, number, now, numbers)
            decision.had_error = (has_failed and person.pk in asked) or person.pk in without_manner
            plan = _Plan(person, decision, kinds=kinds.get(person.pk, ()))
            _decide_one(plan, situations[person.pk], known, need, wording, numbers)
            plans.append(plan)
    return plans


def _kinds_of(
    chosen: Mapping[UUID, tuple[str, Need]], now: datetime
) -> tuple[dict[UUID, Collection[str]], set[UUID]]:
    """By person, which kinds of templates may speak; and for whom their source could not tell.

    Sources that share a manner are asked once for all of their needs.
    """
    by_manner: dict[int, tuple[Manner, list[Need]]] = {}
    for key, need in chosen.values():
        manner = need_sources.get(key).manner
        if manner is not None:
            by_manner.setdefault(id(manner), (manner, []))[1].append(need)
    kinds: dict[UUID, Collection[str]] = {}
    failed: set[UUID] = set()
    for manner, needs in by_manner.values():
        people = [need.user_id for need in needs]
        try:
            with transaction.atomic():
                kinds |= dict(zip(people, manner.kinds(needs, now), strict=True))
        except Exception:
            logger.exception("manner_failed people=%d", len(people))
            failed.update(people)
    return kinds, failed


def _undecided(
    person: User,
    point: str,
    known: _Known,
    chosen: tuple[str, Need] | None,
    random_number: float,
    now: datetime,
    numbers: PolicyNumbers,
) -> NudgeDecision:
    """The decision with everything it rests on, before it is taken: unavailable, and nothing said."""
    activity = known.activities[person.pk]
    newest = getattr(person, "newest", None)
    dosage = next_dosage(newest["dosage"], sent=newest["sent"], numbers=numbers) if newest else 0.0
    need = chosen[1] if chosen else None
    return NudgeDecision(
        user=person,
        at=now,
        local_date=activity.today,
        point=point,
        policy_version=numbers.version,
        need=chosen[0] if chosen else "",
        subject_type=need.subject_type if need else "",
        subject_id=need.subject_id if need else None,
        is_available=False,
        features=features_of(
            gap=need.gap if need else 0.0,
            hour_share=share_of_hour(activity.hours, now.astimezone(person.tz).hour, numbers),
            dosage=dosage,
            active_days_in_week=activity.days_active_between(0, 6),
            days_since_active=(now - activity.last_active_at) / DAY,
            numbers=numbers,
        ),
        probability=0.0,
        random_number=random_number,
        sent=False,
        dosage=dosage,
        window_ends_at=need.window_ends_at if need else now,
        resolved_at=now,
    )


def _decide_one(
    plan: _Plan,
    situation: Situation,
    known: _Known,
    chosen: tuple[str, Need] | None,
    wording: Wording,
    numbers: PolicyNumbers,
) -> None:
    """Takes the decision: why nothing can be said, or the odds, the draw and the words."""
    decision, contacts = plan.decision, known.contacts[plan.user.pk]
    mutes = known.mutes.get(plan.user.pk, [])
    candidates = wording.fitting(chosen[0], chosen[1].facts, plan.kinds) if chosen else []
    reason = unavailable(
        replace(situation, has_need=chosen is not None, has_words=bool(candidates)), numbers
    )
    may_check_in = (
        situation.back_off.check_in_is_due
        and must_be_silent(situation) is None
        and reason != Unavailable.JUST_ACTIVE
    )
    if may_check_in and _choose_check_in(plan, contacts, wording, mutes):
        decision.unavailable_reason = reason or Unavailable.BACKING_OFF
    elif reason is not None or chosen is None:
        decision.unavailable_reason = reason or Unavailable.NO_NEED
    else:
        decision.is_available = True
        decision.resolved_at = None
        _set_odds(decision, known.posteriors.get(plan.user.pk), situation.now, numbers)
        if decision.sent:
            _choose_words(plan, chosen[1], candidates, contacts, wording)


def _need_of(
    needs: Sequence[tuple[str, Need]], mutes: Sequence[Mute], today: date
) -> tuple[str, Need] | None:
    """The widest gap among what is not muted; of equal ones another on every day."""
    muted = {(mute.subject_type, mute.subject_id) for mute in mutes if not mute.cause}
    heard = [
        (key, need) for key, need in needs if (need.subject_type, need.subject_id) not in muted
    ]
    return max(heard, key=lambda each: (each[1].gap, _lot(each[1], today)), default=None)


def _lot(need: Need, today: date) -> str:
    return sha256(f"{need.subject_id}{today}".encode()).hexdigest()


def _situation(person: User, known: _Known, now: datetime, numbers: PolicyNumbers) -> Situation:
    """Everything but the need and its words, which are taken to be there."""
    activity = known.activities[person.pk]
    preferences = known.preferences.get(person.pk) or Preferences(user=person)
    limits = Limits.for_frequency(preferences.notification_frequency)
    window = preferences.notification_window
    hours = OpenHours.wished(window, limits.open_hours) if window else limits.open_hours
    muted = any(mute.cause == MessageCause.NUDGE for mute in known.mutes.get(person.pk, []))
    return Situation(
        now=now,
        today=activity.today,
        is_automation_paused=person.automation_paused_at is not None,
        in_crisis_pause=person.pk in known.in_crisis,
        wants_nudges=preferences.nudges_enabled and preferences.proactive_suggestions and not muted,
        away_from=preferences.away_from,
        away_until=preferences.away_until,
        is_quiet=not hours.hold(now, person.tz),
        is_over_budget=_is_over_budget(person, known.contacts[person.pk], limits, now),
        back_off=backoff(activity, now=now),
        last_active_at=getattr(person, "last_active_at", None),
        has_need=True,
        has_words=True,
        is_usually_inactive=usually_inactive(
            activity.hours,
            now.astimezone(person.tz).hour,
            len(activity.active_days),
            numbers,
        ),
    )


def _is_over_budget(person: User, contacts: Contacts, limits: Limits, now: datetime) -> bool:
    """Whether the governor would have to hold a message now for the ones before it."""
    times = list(contacts.times().values())
    today: date = local_day(person, now)
    return (
        sum(1 for at in times if local_day(person, at) == today) >= limits.per_day
        or sum(1 for at in times if at > now - 7 * DAY) >= limits.per_week
        or any(now - at < limits.spacing for at in times)
    )


def _set_odds(
    decision: NudgeDecision,
    posterior: NudgePosterior | None,
    now: datetime,
    numbers: PolicyNumbers,
) -> None:
    """The odds of a message, and whether the stored number falls below them."""
    first: datetime | None = getattr(decision.user, "first_decided_at", None)
    if decision.had_error:
        decision.probability = numbers.on_error
    elif first is None or now - first < numbers.warm_up_days * DAY:
        decision.probability = numbers.warm_up
    else:
        try:
            belief = (
                belief_from(posterior.mean, posterior.covariance)
                if posterior
                else prior(FEATURES, numbers)
            )
            decision.raw_probability = chance_of_benefit(belief, vector(decision.features))
            decision.probability = clipped(decision.raw_probability, numbers)
        except (ValueError, ArithmeticError):
            logger.exception("posterior_unusable user=%s", decision.user_id)
            decision.had_error = True
            decision.probability = numbers.on_error
    decision.sent = decision.random_number < decision.probability


def _choose_words(
    plan: _Plan,
    need: Need,
    candidates: Sequence[MessageTemplate],
    contacts: Contacts,
    wording: Wording,
) -> None:
    decision = plan.decision
    second = words.leftover(decision.random_number, decision.probability)
    template, chances = wording.draw(candidates, contacts.last_seen(), second)
    decision.template = plan.template = template
    decision.template_probability = chances[template.key]
    decision.template_odds = chances
    plan.need = need
    manner = need_sources.get(decision.need).manner
    plan.message = {
        "not_before": decision.at + manner.waits() if manner else None,
        "cause_key": f"nudge:{decision.pk}",
        "body": words.filled(template.text, need.facts),
        "cta_text": need.action_text,
        "cta_action": need.action,
        "subject_type": need.subject_type,
        "subject_id": need.subject_id,
        "expires_at": need.window_ends_at,
    }


def _choose_check_in(
    plan: _Plan, contacts: Contacts, wording: Wording, mutes: Sequence[Mute]
) -> bool:
    """One plain question, once a week at the most even where it cannot be delivered; whether there is one."""
    candidates = wording.fitting(CHECK_IN, {})
    if not candidates or any(mute.cause == MessageCause.CHECK_IN for mute in mutes):
        return False
    decision = plan.decision
    plan.template, _ = wording.draw(candidates, contacts.last_seen(), decision.random_number)
    plan.message = {
        "cause_key": f"check_in:{decision.local_date:%G-%V}",
        "body": plan.template.text,
        "cta_text": "Open the chat",
        "cta_action": reverse("coach"),
        "expires_at": decision.at + CHECK_IN_HOLDS_FOR,
    }
    return True


def _say(plan: _Plan, now: datetime) -> None:
    """Hands the message to the outbox; one that fails is logged and marked, and holds nobody else up."""
    template = plan.template
    assert template is not None  # noqa: S101 - only plans with words are said
    cause = MessageCause(template.cause)
    try:
        with transaction.atomic():
            message = outbox.compose(
                plan.user,
                channel=channel_of_choice(plan.user, cause, now=now),
                cause=cause,
                template=template,
                now=now,
                **plan.message,
            )
            manner = need_sources.get(plan.decision.need).manner if plan.need else None
            if manner is not None and plan.need is not None:
                manner.spoken(message, plan.need, template, now)
    except Exception:
        logger.exception("nudge_not_written decision=%s", plan.decision.pk)
        plan.decision.had_error = True
        return
    if plan.decision.sent:
        plan.decision.message = message
