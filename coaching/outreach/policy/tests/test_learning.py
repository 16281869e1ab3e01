"""Rewards settle once, and what is learned from them does not depend on how often one learns."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import (
    CoachMessage,
    DeliveryState,
    MessageCause,
    MessageChannel,
    NudgeDecision,
    NudgePosterior,
)
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.features import FEATURES
from coaching.outreach.policy.learning import update_posteriors, with_news
from coaching.outreach.policy.regression import belief_from
from coaching.outreach.policy.rewards import resolve_rewards, reward_of
from coaching.outreach.tests.nudge_world import (
    KEY,
    SUBJECT,
    TODAY,
    Needs,
    a_person,
    a_template,
    needs_of_the_trial,
)
from coaching.toolkit import Channel, NeedSource, channels, need_sources

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def needs() -> Iterator[Needs]:
    with needs_of_the_trial() as found:
        yield found


def a_decision(person: User, at: datetime, **fields) -> NudgeDecision:
    row: NudgeDecision = NudgeDecision.objects.create(
        **{
            "user": person,
            "at": at,
            "local_date": at.date(),
            "point": f"{at:%H%M}",
            "policy_version": NUMBERS.version,
            "need": KEY,
            "subject_type": SUBJECT,
            "subject_id": person.pk,
            "is_available": True,
            "features": dict.fromkeys(FEATURES, 0.5),
            "probability": 0.25,
            "random_number": 0.9,
            "sent": False,
            "window_ends_at": at + 4 * HOUR,
            **fields,
        }
    )
    return row


def sent_by(person: User, channel: str, state: str = DeliveryState.SENT) -> CoachMessage:
    row: CoachMessage = CoachMessage.objects.create(
        user=person,
        channel=channel,
        cause=MessageCause.NUDGE,
        cause_key="nudge:1",
        body="Now?",
        state=state,
        reason="quiet_hours",
        sent_at=TODAY if state == DeliveryState.SENT else None,
    )
    return row


# --- Rewards ------------------------------------------------------------------------------------


def test_the_reward_is_the_action_less_the_burden():
    assert reward_of(done=True, burden=0) == 1
    assert reward_of(done=False, burden=0) == 0
    assert reward_of(done=True, burden=2) == pytest.approx(0.9)
    assert reward_of(done=False, burden=5) == pytest.approx(-0.25)


def test_a_decision_is_settled_once_when_its_window_is_over(db, needs):
    person = a_person()
    decision = a_decision(person, TODAY)
    assert resolve_rewards(now=TODAY + 4 * HOUR - timedelta(seconds=1)) == 0
    needs.done = {person.pk}
    assert resolve_rewards(now=TODAY + 4 * HOUR) == 1
    needs.done = set()
    assert resolve_rewards(now=TODAY + 5 * HOUR) == 0
    decision.refresh_from_db()
    assert (decision.action_done, decision.reward) == (True, 1.0)
    assert decision.resolved_at == TODAY + 4 * HOUR


def test_nothing_is_asked_of_somebody_who_does_not_agree_any_more(db, needs):
    person, other = a_person(), a_person()
    decision = a_decision(person, TODAY)
    a_decision(other, TODAY)
    needs.done = {person.pk, other.pk}
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert resolve_rewards(now=TODAY + 4 * HOUR) == 2
    decision.refresh_from_db()
    assert (decision.action_done, decision.reward) == (None, None)
    assert NudgeDecision.objects.get(user=other).reward == 1.0


@pytest.mark.parametrize(
    ("state", "reward"), [(DeliveryState.SENT, 0.9), (DeliveryState.SUPPRESSED, 1.0)]
)
def test_only_a_message_that_arrived_costs_its_channels_burden(db, needs, state, reward):
    person = a_person()
    text = Channel("trial.sms", 2, lambda message: "", lambda user: True)
    needs.done = {person.pk}
    message = sent_by(person, MessageChannel.SMS, state)
    decision = a_decision(person, TODAY, sent=True, random_number=0.1, message=message)
    with channels.temporarily(trial__sms=text):
        resolve_rewards(now=TODAY + DAY)
    decision.refresh_from_db()
    assert decision.reward == pytest.approx(reward)


def test_opening_and_reading_are_worth_nothing(db, needs):
    person = a_person()
    message = sent_by(person, MessageChannel.IN_APP)
    CoachMessage.objects.update(read_at=TODAY, engaged_at=TODAY)
    decision = a_decision(person, TODAY, sent=True, random_number=0.1, message=message)
    resolve_rewards(now=TODAY + DAY)
    decision.refresh_from_db()
    assert (decision.action_done, decision.reward) == (False, 0.0)


def test_a_source_that_fails_is_asked_again_and_one_that_is_gone_leaves_no_reward(db, needs):
    person = a_person()
    waiting = a_decision(person, TODAY, need="trial.broken")
    gone = a_decision(person, TODAY + HOUR, need="trial.gone")
    fine = a_decision(person, TODAY + 2 * HOUR)

    def broken(spans):
        raise RuntimeError("no")

    source = NeedSource("trial.broken", "Broken", lambda people, now: [], broken)
    with need_sources.temporarily(trial__broken=source):
        assert resolve_rewards(now=TODAY + DAY) == 2
    for row in (waiting, gone, fine):
        row.refresh_from_db()
    assert waiting.resolved_at is None
    assert (gone.resolved_at, gone.reward, gone.action_done) == (TODAY + DAY, None, None)
    assert fine.reward == 0.0


# --- Learning -----------------------------------------------------------------------------------


def a_month(people: list[User], rng: random.Random) -> None:
    """Settled decisions of four weeks, settled four hours after each."""
    rows = []
    for person in people:
        for step in range(40):
            at = TODAY + step * 16 * HOUR
            sent = rng.random() < 0.4
            rows.append(
                NudgeDecision(
                    user=person,
                    at=at,
                    local_date=at.date(),
                    point=f"{at:%H}",
                    policy_version=NUMBERS.version,
                    is_available=True,
                    features={name: rng.random() for name in FEATURES},
                    probability=0.4,
                    random_number=0.2 if sent else 0.9,
                    sent=sent,
                    dosage=rng.random(),
                    window_ends_at=at + 4 * HOUR,
                    resolved_at=at + 4 * HOUR,
                    action_done=rng.random() < 0.5,
                    reward=float(rng.random() < 0.5),
                )
            )
    NudgeDecision.objects.bulk_create(rows)


def beliefs() -> dict[str, list[float]]:
    found = {}
    for row in NudgePosterior.objects.all():
        belief = belief_from(row.mean, row.covariance)
        found[str(row.user_id)] = [
            *belief.mean,
            *sum(belief.covariance, ()),
            row.observations,
            row.dosage,
        ]
    return found


def test_learning_every_night_gives_what_learning_all_at_once_gives(db):
    people = [a_person() for _ in range(3)]
    a_month(people, random.Random(2))
    for night in range(30):
        update_posteriors(now=TODAY + night * DAY)
    nightly = beliefs()
    assert update_posteriors(now=TODAY + 30 * DAY) == 0, "nothing was settled since"
    assert update_posteriors(now=TODAY + 30 * DAY, anew=True) == 3
    anew = beliefs()
    assert nightly.keys() == anew.keys() == {str(person.pk) for person in people}
    for person, values in anew.items():
        assert nightly[person] == pytest.approx(values, rel=1e-6, abs=1e-9)
    assert all(values[-2] == 40 for values in anew.values())


def test_a_decision_that_was_settled_behind_its_back_is_not_forgotten(db):
    person = a_person()
    a_month([person], random.Random(4))
    late = NudgeDecision.objects.order_by("at")[5]
    NudgeDecision.objects.filter(pk=late.pk).update(reward=None)
    update_posteriors(now=TODAY + 8 * DAY)
    NudgeDecision.objects.filter(pk=late.pk).update(reward=1.0)
    update_posteriors(now=TODAY + 9 * DAY)
    found = beliefs()
    update_posteriors(now=TODAY + 9 * DAY, anew=True)
    expected = beliefs()[str(person.pk)]
    assert found[str(person.pk)] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"had_error": True},
        {"is_available": False},
        {"reward": None},
        {"features": {"bias": 1}},
        {"policy_version": "another"},
        {"resolved_at": TODAY + 99 * DAY},
    ],
)
def test_what_is_no_fair_draw_teaches_nothing(db, change):
    a_month([a_person()], random.Random(4))
    rows = NudgeDecision.objects.all()
    if change.get("is_available") is False:
        rows.update(sent=False)
    rows.update(**change)
    assert update_posteriors(now=TODAY + 40 * DAY) == 0
    assert not NudgePosterior.objects.exists()


def test_a_belief_that_cannot_be_read_is_learned_anew(db):
    person = a_person()
    a_month([person], random.Random(4))
    update_posteriors(now=TODAY + 20 * DAY)
    NudgePosterior.objects.update(mean=["x"])
    update_posteriors(now=TODAY + 30 * DAY)
    found = beliefs()
    update_posteriors(now=TODAY + 30 * DAY, anew=True)
    assert found == beliefs()


def test_nobody_is_learned_who_does_not_agree_any_more(db):
    stays, goes = a_person(), a_person()
    a_month([stays, goes], random.Random(4))
    update_posteriors(now=TODAY + 20 * DAY)
    set_consent(goes, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    update_posteriors(now=TODAY + 30 * DAY)
    assert list(beliefs()) == [str(stays.pk)]
    set_consent(goes, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    update_posteriors(now=TODAY + 31 * DAY)
    assert len(beliefs()) == 2


def test_templates_are_measured_anew_each_time_by_the_odds_of_their_uses(db):
    person = a_person()
    template = a_template()
    for hour, (probability, reward) in enumerate([(0.5, 1.0), (0.25, 0.0)]):
        a_decision(
            person,
            TODAY + hour * HOUR,
            sent=True,
            template=template,
            template_probability=probability,
            reward=reward,
            resolved_at=TODAY + 5 * HOUR,
        )
    for _ in range(2):
        update_posteriors(now=TODAY + DAY)
        template.refresh_from_db()
        assert template.measured == {"weight": 6.0, "weight_squared": 20.0, "reward": 2.0}
    update_posteriors(now=TODAY + 200 * DAY)
    template.refresh_from_db()
    assert template.measured == {}


def test_ranges_of_people_together_learn_what_a_single_run_does(db):
    people = sorted((a_person() for _ in range(4)), key=lambda person: person.pk)
    for person in people:
        a_decision(person, TODAY, sent=True, reward=1.0, resolved_at=TODAY + 4 * HOUR)
    now = TODAY + DAY
    assert set(with_news(now=now)) == set(people)
    for first, last in ((people[0], people[1]), (people[2], people[3])):
        assert update_posteriors(now=now, ids=(first.pk, last.pk)) == 2
    ranged = list(NudgePosterior.objects.order_by("user").values_list("mean", "observations"))
    assert update_posteriors(now=now, anew=True) == 4
    whole = list(NudgePosterior.objects.order_by("user").values_list("mean", "observations"))
    assert ranged == whole
