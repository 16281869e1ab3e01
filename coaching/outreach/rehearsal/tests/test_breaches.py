"""The checker finds each kind of planted breach, and nothing in a month that keeps every promise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from coaching.outreach.rehearsal.breaches import (
    Between,
    Breach,
    Delivery,
    Life,
    Rule,
    Since,
    breaches,
)

PERSON = UUID(int=1)
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 10, 7, 12, 0, tzinfo=BERLIN)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def delivery(at: datetime = NOON, **changes: object) -> Delivery:
    message = uuid4()
    fresh = Delivery(
        message=message,
        person=PERSON,
        channel="in_app",
        cause="nudge",
        cause_key=str(message),
        at=at,
        not_before=at - timedelta(minutes=5),
        expires_at=at + timedelta(hours=4),
    )
    return replace(fresh, **changes)  # type: ignore[arg-type]


def text_message(at: datetime = NOON, **changes: object) -> Delivery:
    known = {"channel": "sms", "burden": 2, "consent": "sms", "carrier_hours": True}
    return delivery(at, **{**known, **changes})


def life(**changes: object) -> Life:
    usual = Life(BERLIN, frequency="active", consents={"sms": [Since(LONG_AGO, True)]})
    return replace(usual, **changes)  # type: ignore[arg-type]


def rules(*deliveries: Delivery, of: Life | None = None) -> list[Rule]:
    return [breach.rule for breach in breaches(deliveries, {PERSON: of or life()})]


def hours(*numbers: float) -> list[datetime]:
    return [NOON.replace(hour=0) + timedelta(hours=number) for number in numbers]


def test_three_spaced_messages_a_day_break_nothing() -> None:
    assert rules(*map(delivery, hours(9, 10, 20.9))) == []


def test_a_fourth_message_of_the_day_is_found() -> None:
    assert rules(*map(delivery, hours(9, 11, 13, 15))) == [Rule.DAY_CAP, Rule.CHOSEN_DAY_CAP]


def test_a_reminder_counts_for_others_but_is_never_one_too_many() -> None:
    *first, last = hours(9, 11, 13, 15)
    ordered = [delivery(at) for at in first]
    assert rules(*ordered, delivery(last, cause="reminder")) == []
    ordered[0] = replace(ordered[0], cause="reminder")
    assert Rule.DAY_CAP in rules(*ordered, delivery(last))


def test_the_same_thing_on_two_channels_is_one_message() -> None:
    twins = [delivery(cause_key="one"), delivery(cause_key="one", channel="push", burden=1)]
    others = [delivery(at) for at in hours(9, 15)]
    assert rules(*twins, *others) == []


def test_the_day_is_the_persons_and_not_the_calendars() -> None:
    night_owl = life(window=(time(8), time(2)), day_start_hour=3)
    late = hours(20, 22, 23.5, 24.75)
    assert Rule.DAY_CAP in rules(*map(delivery, late), of=night_owl)
    early_riser = replace(night_owl, day_start_hour=0)
    assert rules(*map(delivery, late), of=early_riser) == []


def test_the_hour_that_happens_twice_belongs_to_one_long_day() -> None:
    always = life(window=(time(0), time(0, 0)), day_start_hour=0)
    always.window = (time(0), time(23, 59))
    midnight = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # 00:00 in Berlin, on a day of 25 hours
    moments = [midnight + timedelta(hours=number) for number in (0, 8, 16, 24.5)]
    assert Rule.DAY_CAP in rules(*map(delivery, moments), of=always)


def test_an_eleventh_message_in_any_seven_days_is_found() -> None:
    month = [NOON + timedelta(hours=16 * number) for number in range(11)]
    open_always = life(window=(time(0), time(23, 59)))
    assert Rule.WEEK_CAP in rules(*map(delivery, month), of=open_always)
    slower = [NOON + timedelta(hours=17 * number) for number in range(12)]
    assert Rule.WEEK_CAP not in rules(*map(delivery, slower), of=open_always)


@pytest.mark.parametrize(("frequency", "day", "week"), [("minimal", 1, 3), ("moderate", 2, 7)])
def test_a_person_who_chose_fewer_gets_fewer(frequency: str, day: int, week: int) -> None:
    chosen = life(frequency=frequency)
    too_many = [delivery(NOON + timedelta(hours=2 * number)) for number in range(day + 1)]
    assert rules(*too_many, of=chosen) == [Rule.CHOSEN_DAY_CAP]
    week_long = [delivery(NOON + timedelta(hours=20 * number)) for number in range(week + 1)]
    open_always = replace(chosen, window=(time(0), time(23, 59)))
    assert Rule.CHOSEN_WEEK_CAP in rules(*week_long, of=open_always)


def test_two_messages_within_an_hour_are_found() -> None:
    assert rules(*map(delivery, hours(12, 12.99))) == [Rule.SPACING]
    assert rules(*map(delivery, hours(12, 13))) == []


Case = tuple[Rule, Callable[[], Delivery], Callable[[], Life]]
CASES: list[Case] = [
    (Rule.QUIET_HOURS, lambda: delivery(*hours(21)), life),
    (Rule.QUIET_HOURS, lambda: delivery(*hours(7.99)), life),
    (Rule.QUIET_HOURS, lambda: delivery(), lambda: life(window=(time(14), time(18)))),
    (
        Rule.CARRIER_HOURS,
        lambda: text_message(*hours(22)),
        lambda: life(
            window=(time(6), time(23)),
            consents={"sms": [Since(LONG_AGO, True)]},
        ),
    ),
    (Rule.CARRIER_HOURS, lambda: text_message(*hours(7), cause="reminder"), life),
    (Rule.AWAY, lambda: delivery(), lambda: life(away=[(date(2026, 10, 5), date(2026, 10, 7))])),
    (
        Rule.AWAY,
        lambda: text_message(cause="reminder"),
        lambda: life(away=[(date(2026, 10, 7), date(2026, 10, 9))]),
    ),
    (
        Rule.CRISIS,
        lambda: delivery(),
        lambda: life(crises=[Between(NOON - timedelta(days=6), NOON + timedelta(days=1))]),
    ),
    (
        Rule.CRISIS,
        lambda: delivery(cause="coach"),
        lambda: life(crises=[Between(NOON, NOON + timedelta(days=7))]),
    ),
    (Rule.CONSENT, lambda: text_message(), lambda: life(consents={})),
    (
        Rule.CONSENT,
        lambda: text_message(),
        lambda: life(consents={"sms": [Since(LONG_AGO, True), Since(NOON, False)]}),
    ),
    (Rule.EXPIRED, lambda: delivery(expires_at=NOON), life),
    (Rule.TOO_EARLY, lambda: delivery(not_before=NOON + timedelta(seconds=1)), life),
    (
        Rule.TURNED_OFF,
        lambda: delivery(),
        lambda: life(causes_off={"nudge": [Between(LONG_AGO)]}),
    ),
    (
        Rule.MUTED,
        lambda: delivery(subject=UUID(int=7)),
        lambda: life(subjects_muted={UUID(int=7): [Between(LONG_AGO)]}),
    ),
    (Rule.PAUSED, lambda: delivery(), lambda: life(paused=[Between(NOON)])),
    (Rule.CLOSED, lambda: delivery(cause="reminder"), lambda: life(closed=[Between(NOON)])),
]


@pytest.mark.parametrize(("rule", "planted", "person"), CASES)
def test_each_planted_breach_is_found(
    rule: Rule, planted: Callable[[], Delivery], person: Callable[[], Life]
) -> None:
    assert rules(planted(), of=person()) == [rule]


def test_what_is_allowed_at_the_edges_is_no_breach() -> None:
    away_next = life(away=[(date(2026, 10, 8), date(2026, 10, 9))])
    assert rules(delivery(), of=away_next) == []
    over = life(crises=[Between(NOON - timedelta(days=7), NOON)])
    assert rules(delivery(), of=over) == []
    in_crisis = life(crises=[Between(NOON, NOON + timedelta(days=7))])
    assert rules(delivery(cause="reminder"), of=in_crisis) == []
    assert rules(delivery(cause="coach", by_staff=True), of=in_crisis) == []
    assert rules(delivery(*hours(23), cause="reminder")) == []
    on_holiday = life(away=[(date(2026, 10, 7), date(2026, 10, 7))])
    assert rules(delivery(cause="reminder"), of=on_holiday) == []
    back_again = life(
        consents={"sms": [Since(LONG_AGO, True), Since(LONG_AGO, False), Since(NOON, True)]}
    )
    assert rules(text_message(), of=back_again) == []


def test_a_message_that_arrives_twice_is_found_unless_twice_is_once() -> None:
    one = text_message()
    again = replace(one, at=one.at + timedelta(hours=2))
    assert rules(one, again) == [Rule.TWICE]
    assert rules(replace(one, repeatable=True), replace(again, repeatable=True)) == []


def test_more_burden_than_a_week_can_carry_is_found() -> None:
    calls = [
        delivery(NOON + timedelta(days=number), channel="call", burden=5, consent="sms")
        for number in range(4)
    ]
    found = breaches(calls, {PERSON: life()})
    assert found == [Breach(Rule.BURDEN, calls[3])]
    later = replace(calls[3], at=NOON + timedelta(days=7), expires_at=NOON + timedelta(days=8))
    assert rules(*calls[:3], later) == []


def test_breaches_come_in_order_of_time_and_name_their_delivery() -> None:
    other = UUID(int=2)
    early, late = delivery(*hours(3), person=other), delivery(*hours(23))
    found = breaches([late, early], {PERSON: life(), other: life()})
    assert [breach.delivery for breach in found] == [early, late]
