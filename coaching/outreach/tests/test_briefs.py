"""Briefs come at the person's own moment, once, and only when they are worth it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.language import guesses
from coaching.llm.builtin import offers
from coaching.models import CoachMessage, InteractionPattern, Preferences, Reminder
from coaching.outreach import briefs
from coaching.outreach.bodies import Block, blocks
from coaching.outreach.briefs import CONFIG, brief_for, send_morning_briefs, send_weekly_digests
from coaching.toolkit import (
    BriefLines,
    BriefPart,
    Occasion,
    ToolContext,
    brief_parts,
    card_views,
    resolve_variations_with,
    tool_named,
    tools,
    varying,
)

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
MORNING = datetime(2026, 11, 3, 8, 20, tzinfo=BERLIN).astimezone(UTC)  # a Tuesday
SUNDAY = datetime(2026, 11, 8, 18, 5, tzinfo=BERLIN).astimezone(UTC)
MONDAY = datetime(2026, 11, 9, 8, 20, tzinfo=BERLIN).astimezone(UTC)


class Told:
    """What the parts of this test have to tell, and what it is worth."""

    def __init__(self) -> None:
        self.worth = 0.6
        self.lines: tuple[str, ...] = ("Walk: 5 of 7.", "Read: 2 of 7.")

    def __call__(self, user: User, now: datetime) -> BriefLines | None:
        return BriefLines(self.lines, self.worth) if self.lines else None


@pytest.fixture(autouse=True)
def told() -> Iterator[Told]:
    """One part for either occasion, instead of those that the apps declared."""
    told = Told()
    morning = BriefPart("test.morning", Occasion.MORNING, "Where things stand", 10, told)
    weekly = BriefPart("test.weekly", Occasion.WEEKLY, "This week", 10, told)
    with brief_parts.instead(test__morning=morning, test__weekly=weekly):
        yield told


@pytest.fixture
def person(db: None) -> User:
    return UserFactory()


def sent_of(person: User) -> list[str]:
    return list(person.coach_messages.order_by("created_at").values_list("cause_key", flat=True))


def usually_active(person: User, *hours: int) -> None:
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    InteractionPattern.objects.create(user=person, most_active_hours=list(hours))


# --- When -----------------------------------------------------------------------------------------
def test_a_brief_comes_in_the_persons_own_morning_and_once_a_day(person: User) -> None:
    UserFactory(timezone="America/New_York")
    assert send_morning_briefs(now=MORNING - timedelta(minutes=10)) == 0
    assert send_morning_briefs(now=MORNING) == 1
    assert send_morning_briefs(now=MORNING + timedelta(minutes=10)) == 0
    assert send_morning_briefs(now=MORNING + timedelta(minutes=20)) == 0
    message = CoachMessage.objects.get()
    assert message.user == person
    assert (message.cause, message.cause_key) == ("brief", "brief:2026-11-03")
    assert message.expires_at == MORNING + CONFIG.morning_good_for


@pytest.mark.parametrize(
    ("hours", "moment"),
    [([9, 20], "09:05"), ([6, 9], "09:05"), ([20, 21], "08:15"), ([], "08:15"), ([8], "08:05")],
)
def test_it_comes_when_the_person_usually_begins(
    person: User, hours: list[int], moment: str
) -> None:
    usually_active(person, *hours)
    rounds = [MORNING + timedelta(minutes=10 * step - 15) for step in range(18)]
    came = [now for now in rounds if send_morning_briefs(now=now)]
    assert [now.astimezone(BERLIN).strftime("%H:%M") for now in came] == [moment]


def test_what_was_learned_is_not_used_without_consent(person: User) -> None:
    usually_active(person, 10)
    assert send_morning_briefs(now=MORNING) == 0
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert send_morning_briefs(now=MORNING) == 1


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_round_every_ten_minutes_meets_every_morning(day: date) -> None:
    """Also on the nights when the clocks change."""
    at = datetime.combine(day, CONFIG.morning_at, tzinfo=BERLIN).astimezone(UTC)
    rounds = [at + timedelta(minutes=m) for m in range(-60, 61, 10)]
    met = [r for r in rounds if briefs.has_just_come(r.astimezone(BERLIN), CONFIG.morning_at, 20)]
    assert len(met) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"deleted_at": MORNING - DAY},
        {"automation_paused_at": MORNING - DAY},
    ],
)
def test_nobody_is_told_who_is_not_there(person: User, fields: dict[str, object]) -> None:
    User.objects.filter(pk=person.pk).update(**fields)
    assert send_morning_briefs(now=MORNING) == 0
    assert send_weekly_digests(now=SUNDAY) == 0


def test_each_can_be_turned_off(person: User) -> None:
    Preferences.objects.create(
        user=person, morning_brief_enabled=False, weekly_digest_enabled=False
    )
    assert send_morning_briefs(now=MORNING) == 0
    assert send_weekly_digests(now=SUNDAY) == 0


# --- Whether --------------------------------------------------------------------------------------
def test_only_what_is_worth_it_is_sent(person: User, told: Told) -> None:
    told.worth = CONFIG.morning_worth - 0.01
    assert send_morning_briefs(now=MORNING) == 0
    told.worth, told.lines = 1.0, ()
    assert send_morning_briefs(now=MORNING) == 0
    assert not CoachMessage.objects.exists()


def went_out(person: User, at: datetime, *, read: bool) -> None:
    CoachMessage.objects.create(
        user=person,
        cause="brief",
        cause_key=f"brief:{at.astimezone(BERLIN).date()}",
        body="…",
        state="sent",
        sent_at=at,
        read_at=at if read else None,
    )


def test_the_day_after_a_brief_takes_more_news(person: User, told: Told) -> None:
    went_out(person, MORNING - DAY, read=True)
    assert send_morning_briefs(now=MORNING) == 0
    told.worth = CONFIG.next_day_worth
    assert send_morning_briefs(now=MORNING) == 1


def test_three_that_nobody_looked_at_rest_for_a_week(person: User) -> None:
    for back in (6, 4, 2):
        went_out(person, MORNING - back * DAY, read=False)
    assert send_morning_briefs(now=MORNING) == 0
    assert send_morning_briefs(now=MORNING + 5 * DAY) == 1


def test_one_that_was_read_ends_the_row(person: User) -> None:
    for back in (6, 4, 2):
        went_out(person, MORNING - back * DAY, read=back == 4)
    assert send_morning_briefs(now=MORNING) == 1


def test_whoever_ignores_nudges_gets_the_digest_only(person: User) -> None:
    for back in (2, 3, 4):
        CoachMessage.objects.create(
            user=person,
            cause="nudge",
            cause_key=f"nudge:{back}",
            body="…",
            state="sent",
            sent_at=MORNING - back * DAY,
            claimed_at=MORNING - back * DAY,
            created_at=MORNING - back * DAY,
        )
    assert send_morning_briefs(now=MORNING) == 0
    assert send_weekly_digests(now=SUNDAY) == 1
    CoachMessage.objects.filter(cause_key="nudge:2").update(engaged_at=MORNING - DAY)
    assert send_morning_briefs(now=MORNING) == 1


def test_a_part_that_fails_takes_nothing_from_the_others(person: User) -> None:
    def broken(user: User, now: datetime) -> BriefLines | None:
        raise RuntimeError("no such thing")

    part = BriefPart("test.broken", Occasion.MORNING, "Broken", 1, broken)
    with brief_parts.temporarily(test__broken=part):
        assert send_morning_briefs(now=MORNING) == 1
    assert "Broken" not in CoachMessage.objects.get().body


def test_parts_stand_in_their_order(person: User) -> None:
    first = BriefPart(
        "test.z_first", Occasion.MORNING, "First", 1, lambda u, n: BriefLines(["A"], 0.1)
    )
    with brief_parts.temporarily(test__z_first=first):
        brief = brief_for(person, Occasion.MORNING, now=MORNING)
    assert [section.title for section in brief.sections] == ["First", "Where things stand"]
    assert brief.worth == pytest.approx(0.7)


def test_picking_people_costs_the_same_for_one_and_many(
    person: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """At a moment at which nobody is due: two queries, however many there are."""
    for zone in ("Asia/Tokyo", "America/New_York", "Europe/Berlin"):
        UserFactory(timezone=zone)
    with django_assert_max_num_queries(4):
        send_morning_briefs(now=MORNING.replace(hour=2, minute=40))


# --- The week -------------------------------------------------------------------------------------
@pytest.fixture
def tries_monday() -> Iterator[None]:
    before = list(varying._resolvers)
    resolve_variations_with(lambda user, point, now: "monday_morning")
    yield
    varying._resolvers[:] = before


def test_the_digest_comes_on_sunday_evening_once_a_week(person: User) -> None:
    assert send_weekly_digests(now=SUNDAY - DAY) == 0
    assert send_weekly_digests(now=SUNDAY) == 1
    assert send_weekly_digests(now=SUNDAY + timedelta(minutes=10)) == 0
    assert send_weekly_digests(now=MONDAY) == 0
    assert sent_of(person) == ["digest:2026-11-02"]


@pytest.mark.usefixtures("tries_monday")
def test_where_monday_is_tried_it_tells_of_the_same_week(person: User) -> None:
    assert send_weekly_digests(now=SUNDAY) == 0
    assert send_weekly_digests(now=MONDAY) == 1
    assert sent_of(person) == ["digest:2026-11-02"]


# --- What it looks like ---------------------------------------------------------------------------
def test_the_body_is_titles_and_lists_that_every_channel_can_show(person: User) -> None:
    brief = brief_for(person, Occasion.MORNING, now=MORNING)
    assert brief.body == "Where things stand\n• Walk: 5 of 7.\n• Read: 2 of 7."
    shown = blocks(brief.body)
    assert shown == [
        Block(False, ("Where things stand",), is_title=True),
        Block(True, ("Walk: 5 of 7.", "Read: 2 of 7.")),
    ]


@given(st.text())
def test_any_body_can_be_taken_apart(body: str) -> None:
    for block in blocks(body):
        assert block.lines
        assert block.is_list or len(block.lines) == 1


def test_the_reminders_of_today_are_told_with_their_times(person: User) -> None:
    from coaching.outreach.brief_tools import reminders_of_today

    for hours, text in ((3, "Call mum"), (30, "Too far away"), (-1, "Over")):
        Reminder.objects.create(
            user=person, text=text, remind_at=MORNING + timedelta(hours=hours), idempotency_key=text
        )
    found = reminders_of_today(person, MORNING)
    assert found is not None
    assert list(found.lines) == ["11:20 Call mum"]


# --- On demand ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("what should I focus on today?", "morning_brief"),
        ("give me my morning brief please", "morning_brief"),
        ("why is my strength where it is", "morning_brief"),
        ("what should I aim for tonight", "morning_brief"),
        ("weekly summary", "weekly_summary"),
        ("how was my week?", "weekly_summary"),
        ("what should I do today", None),
        ("how am I doing?", "analyze_progress"),
        ("remind me of the weekly review on friday at 5pm", "set_reminder"),
        ("suggest a good moment for my weekly review", "find_optimal_time"),
    ],
)
def test_the_builtin_coach_knows_when_a_brief_is_asked_for(said: str, name: str | None) -> None:
    read = offers.read([tool.schema() for tool in tools])
    found = offers.asked_for(said, read, guesses(said))
    assert (found[0].name if found else None) == name


@pytest.mark.parametrize("name", ["morning_brief", "weekly_summary"])
def test_it_can_be_asked_for_whatever_it_is_worth(person: User, told: Told, name: str) -> None:
    told.worth = 0.0
    tool = tool_named(name)
    context = ToolContext(user=person, now=MORNING, call_id="1")
    card = tool.run(context, tool.args())
    assert card.summary == "Walk: 5 of 7. Read: 2 of 7."
    view = card_views.get(card.kind)
    assert "<li>Walk: 5 of 7.</li>" in render_to_string(view.template, view.context(person, card))
    told.lines = ()
    assert "little" in tool.run(context, tool.args()).summary or name == "weekly_summary"
