"""The decision round: who is decided for, at which odds, and what is said."""

import random
import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from coaching.models import (
    CoachMessage,
    MessageCause,
    NudgeDecision,
    NudgePosterior,
)
from coaching.outreach.nudging import decide_round, update_posteriors
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.features import FEATURES
from coaching.outreach.policy.regression import prior
from coaching.outreach.policy.words import drawn, leftover
from coaching.toolkit import NeedSource, need_sources

from .nudge_world import (
    KEEP_STILL,
    KEY,
    SPEAK,
    SUBJECT,
    TODAY,
    WHEN_THE_CROWD_IS_READY,
    a_crowd,
    a_person,
    a_template,
    long_known,
    moment_of,
    steadily_active,
    the_decision,
)

DAY = timedelta(days=1)


def believes(person, *, effect: float) -> None:
    """Gives the policy a firm belief about `person`: a message changes the odds by about `effect`."""
    belief = prior(FEATURES)
    size = len(FEATURES)
    mean = list(belief.mean)
    mean[size] = effect
    covariance = [[1e-6 if i == j else 0.0 for j in range(2 * size)] for i in range(2 * size)]
    NudgePosterior.objects.create(
        user=person, policy_version=NUMBERS.version, mean=mean, covariance=covariance
    )


# --- Who, and when ------------------------------------------------------------------------------


def test_a_point_is_decided_once_and_its_message_goes_through_the_outbox(db, needs):
    person = a_person()
    now = moment_of(person)
    steadily_active(person, now)
    (subject,) = needs.of(person, 0.6)
    template = a_template()
    assert decide_round(now=now, rng=SPEAK) == 1
    assert decide_round(now=now + timedelta(minutes=10), rng=SPEAK) == 0
    decision = NudgeDecision.objects.get()
    assert (decision.point, decision.local_date) == ("midday", TODAY.date())
    assert (decision.need, decision.subject_type, decision.subject_id) == (KEY, SUBJECT, subject)
    assert decision.is_available
    assert decision.probability == 0.25, "the first week"
    assert decision.random_number == 0.1
    assert decision.sent
    assert decision.features["gap"] == 0.6
    assert decision.window_ends_at == now + timedelta(hours=4)
    message = CoachMessage.objects.get()
    assert decision.message == message
    assert message.body == "Time for a walk?"
    assert (message.cause, message.template) == (MessageCause.NUDGE, template)
    assert (message.subject_type, message.subject_id) == (SUBJECT, subject)
    assert (message.cta_text, message.cta_action) == ("Open it", "/habits/")
    assert message.expires_at == decision.window_ends_at
    assert message.decisions.exists(), "the governor has judged it"


def test_saying_nothing_is_stored_as_well(db, needs):
    person = a_person()
    needs.of(person, 0.6)
    a_template()
    decide_round(now=moment_of(person), rng=KEEP_STILL)
    decision = NudgeDecision.objects.get()
    assert decision.is_available
    assert not decision.sent
    assert decision.probability == 0.25
    assert decision.template is None
    assert not CoachMessage.objects.exists()


def test_each_point_of_the_day_is_a_decision_of_its_own(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    midnight = TODAY.replace(tzinfo=person.tz).astimezone(UTC)
    for step in range(8 * 6, 21 * 6):
        decide_round(now=midnight + timedelta(minutes=10 * step), rng=KEEP_STILL)
    points = NudgeDecision.objects.order_by("at").values_list("point", flat=True)
    assert list(points) == ["morning", "midday", "afternoon", "evening"]


def test_without_consent_nothing_is_stored_of_a_person(db, needs):
    never = a_person(agreed=False)
    withdrew = a_person()
    set_consent(withdrew, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    closed = a_person(deleted_at=TODAY)
    for person in (never, withdrew, closed):
        needs.of(person, 0.5)
        decide_round(now=moment_of(person), rng=SPEAK)
    assert not NudgeDecision.objects.exists()
    assert not CoachMessage.objects.exists()


def test_a_missed_round_is_made_up_for_within_half_an_hour_and_not_later(db, needs):
    person = a_person()
    assert decide_round(now=moment_of(person) + timedelta(minutes=28), rng=SPEAK) == 1
    late = moment_of(person, "evening") + timedelta(minutes=30)
    assert decide_round(now=late, rng=SPEAK) == 0


# --- Whether it would be right at all -----------------------------------------------------------


@pytest.mark.parametrize(("effect", "odds"), [(0.9, 0.8), (-0.9, 0.2)])
def test_the_odds_follow_what_was_learned_of_the_person(db, needs, effect, odds):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    long_known(person, now)
    believes(person, effect=effect)
    decision = the_decision(person, now, KEEP_STILL)
    assert decision.probability == odds
    assert decision.raw_probability is not None
    assert (decision.raw_probability > 0.5) == (effect > 0)


def test_a_belief_that_cannot_be_read_gives_a_quarter_and_a_mark(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    long_known(person, now)
    NudgePosterior.objects.create(
        user=person, policy_version=NUMBERS.version, mean=[1], covariance=[["x"]]
    )
    decision = the_decision(person, now)
    assert (decision.probability, decision.had_error, decision.sent) == (0.25, True, True)
    assert decision.message is not None


def test_a_need_source_that_fails_takes_only_its_own_needs_away(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()

    def broken(people, now):
        raise RuntimeError("no")

    source = NeedSource("trial.broken", "Broken", broken, lambda spans: [])
    with need_sources.temporarily(trial__broken=source):
        decision = the_decision(person, moment_of(person))
    assert (decision.need, decision.probability, decision.had_error) == (KEY, 0.25, True)


def test_the_dosage_is_carried_from_decision_to_decision(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    first = the_decision(person, moment_of(person))
    second = the_decision(person, moment_of(person, "afternoon"))
    third = the_decision(person, moment_of(person, "evening"))
    assert (first.dosage, first.sent) == (0, True)
    assert second.dosage == 1
    assert (third.dosage, second.sent) == (0.95, False)
    assert third.features["dosage"] == pytest.approx(0.95 / 20)


def test_the_stored_number_and_odds_tell_what_was_done_and_with_which_words(db, needs):
    people = [a_person(zone="UTC") for _ in range(12)]
    for number, text in enumerate(["{thing}?", "Now {thing}?", "Perhaps {thing}?"]):
        a_template(f"words_{number}", text)
    rng = random.Random(11)
    for person in people:
        needs.of(person, 0.5)
    start = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
    for step in range(8):
        decide_round(now=start + timedelta(minutes=10 * step), rng=rng)
    decisions = NudgeDecision.objects.select_related("template", "message")
    assert len(decisions) == 12
    assert 0 < sum(decision.sent for decision in decisions) < 12
    for decision in decisions:
        assert decision.sent == (decision.random_number < decision.probability)
        assert (decision.message is not None) == decision.sent
        if decision.sent:
            second = leftover(decision.random_number, decision.probability)
            assert decision.template is not None
            key = decision.template.key
            assert key == drawn(decision.template_odds, second)
            assert decision.template_probability == decision.template_odds[key]
            assert sum(decision.template_odds.values()) == pytest.approx(1)


def test_words_that_work_are_drawn_more_often(db, needs):
    good, poor = a_template("good", "{thing}!"), a_template("poor", "{thing}.")
    person = a_person()
    needs.of(person, 0.5)
    now = moment_of(person, days=30)
    NudgeDecision.objects.bulk_create(
        NudgeDecision(
            user=person,
            at=now - timedelta(days=20, hours=hour),
            local_date=(now - timedelta(days=20, hours=hour)).date(),
            point=f"{hour}",
            policy_version=NUMBERS.version,
            is_available=True,
            probability=0.25,
            random_number=0.1,
            sent=True,
            template=good if hour % 2 else poor,
            template_probability=0.5,
            window_ends_at=now,
            resolved_at=now - DAY,
            reward=float(hour % 2),
        )
        for hour in range(120)
    )
    update_posteriors(now=now)
    decision = the_decision(person, now)
    assert decision.template == good
    assert decision.template_odds["good"] == pytest.approx(0.975)
    assert decision.template_odds["poor"] == pytest.approx(0.025)


def test_the_widest_gap_is_spoken_of(db, needs):
    person = a_person()
    _, widest, _ = needs.of(person, 0.2, 0.8, 0.5)
    a_template()
    assert the_decision(person, moment_of(person)).subject_id == widest


def test_of_equal_gaps_it_is_not_always_the_same(db, needs):
    person = a_person()
    needs.of(person, 0.5, 0.5, 0.5)
    needs.subjects[person.pk] = [UUID(int=number) for number in range(3)]
    a_template()
    heard = {
        the_decision(person, moment_of(person, days=day), KEEP_STILL).subject_id for day in range(8)
    }
    assert len(heard) > 1


def test_a_range_of_ids_decides_for_its_people_only(db, needs):
    a_template()
    people = sorted(a_crowd(3), key=lambda person: person.pk)
    ids = [person.pk for person in people]
    now = WHEN_THE_CROWD_IS_READY
    assert decide_round(now=now, rng=KEEP_STILL, ids=(ids[0], ids[1])) == 2
    assert decide_round(now=now, rng=KEEP_STILL, ids=(ids[0], ids[2])) == 1


def test_what_a_person_wrote_cannot_reach_into_a_template(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    needs.facts = {"thing": "{thing} {0.__class__} <b>%s</b>"}
    a_template()
    the_decision(person, moment_of(person))
    assert CoachMessage.objects.get().body == "Time for {thing} {0.__class__} <b>%s</b>?"


# --- Many at once, twice at once ----------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_the_people(db, needs):
    a_template()

    def queries_for(count: int, now: datetime) -> int:
        for person in a_crowd(count):
            needs.of(person, 0.5)
            steadily_active(person, now, days=5)
        with CaptureQueriesContext(connection) as captured:
            assert decide_round(now=now, rng=KEEP_STILL) >= count
        return len(captured)

    now = WHEN_THE_CROWD_IS_READY
    assert queries_for(4, now) == queries_for(12, now + DAY) <= 40


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_speak_once(needs):
    a_template()
    for person in a_crowd(4):
        needs.of(person, 0.5)
    both_have_read = threading.Barrier(2, timeout=20)
    needs.before_answering = both_have_read.wait
    stored: list[int] = []

    def a_round() -> None:
        try:
            stored.append(decide_round(now=WHEN_THE_CROWD_IS_READY, rng=SPEAK))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=a_round) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == [0, 4]
    spoken = NudgeDecision.objects.values_list("message_id", flat=True)
    assert set(spoken) == set(CoachMessage.objects.values_list("pk", flat=True))
    assert CoachMessage.objects.count() == 4
