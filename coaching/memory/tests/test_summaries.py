"""Days, weeks and months are summed up: once, by the person's own clock, and only of who may be learned from."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.llm.tests.model_server import ModelServer, whole
from coaching.memory import forget, forget_everything, remember, summaries
from coaching.memory.summing_up import Digest, Turn, of_days, of_turns
from coaching.models import (
    Commitment,
    Conversation,
    ConversationSummary,
    Message,
    Preferences,
    SummaryPeriod,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def user() -> User:
    user: User = UserFactory(timezone="Europe/Berlin", day_start_hour=3)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def talked(user: User, at: datetime, *texts: str, **conversation: object) -> Conversation:
    talk = Conversation.objects.create(user=user, started_at=at, last_message_at=at, **conversation)
    for text in texts:
        said = Message.objects.create(
            conversation=talk, user=user, role="user", content=text, created_at=at
        )
        Message.objects.create(
            conversation=talk,
            user=user,
            parent=said,
            role="assistant",
            content="Good.",
            created_at=at,
        )
    return talk


def days(user: User) -> list[date]:
    rows = summaries.summaries_of(user).filter(summary_period=SummaryPeriod.DAILY)
    return sorted(row.start_date for row in rows)


def test_yesterday_is_summed_up_and_today_is_not(user: User) -> None:
    talked(
        user, NOW - timedelta(days=1), "I'm proud, I finally ran 5 km!", "Make me a plan to read"
    )
    talked(user, NOW - timedelta(hours=1), "Hello")
    assert summaries.summarize(user, now=NOW) == 1
    row = ConversationSummary.objects.get()
    assert row.start_date == date(2026, 6, 16)
    assert "a plan" in row.key_topics
    assert "finally ran 5 km" in row.user_progress
    assert row.overall_sentiment == "positive"
    assert row.user_motivation_level is None  # two messages are too few
    assert row.message_count == 4
    assert row.embedding is not None


def test_running_again_writes_nothing_and_what_came_later_is_taken_in(user: User) -> None:
    talked(user, NOW - timedelta(days=1), "How am I doing?")
    assert summaries.summarize(user, now=NOW) == 1
    assert summaries.summarize(user, now=NOW) == 0
    talked(user, NOW - timedelta(days=1), "I'm stressed at work")
    assert summaries.summarize(user, now=NOW) == 1
    assert "stressed" in ConversationSummary.objects.get().ai_summary


def test_a_day_is_the_persons_own_also_in_the_night_and_when_clocks_change(user: User) -> None:
    # 00:30 and 02:59 by the clock of Berlin still belong to the evening before.
    talked(user, datetime(2026, 6, 15, 22, 30, tzinfo=UTC), "How am I doing?")
    talked(user, datetime(2026, 6, 16, 0, 59, tzinfo=UTC), "How am I doing?")
    summaries.summarize(user, now=NOW)
    assert days(user) == [date(2026, 6, 15)]
    ConversationSummary.objects.all().delete()
    # 25 October 2026 has 25 hours: 02:30 comes twice, and both belong to the 24th.
    for hour in (0, 1):
        talked(user, datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "How am I doing?")
    summaries.summarize(user, now=datetime(2026, 10, 26, 10, tzinfo=UTC))
    assert days(user) == [date(2026, 10, 24)]


def test_nothing_is_summed_up_of_temporary_chats_crises_or_without_permission(user: User) -> None:
    yesterday = NOW - timedelta(days=1)
    talked(user, yesterday, "A secret", is_temporary=True)
    talked(user, yesterday, "A consultation", kind="consultation")
    talked(user, yesterday, "A crisis")
    Message.objects.filter(content="A crisis").update(is_crisis=True)
    assert summaries.summarize(user, now=NOW) == 0
    stranger = UserFactory()
    talked(stranger, yesterday, "Hello")
    assert summaries.summarize(stranger, now=NOW) == 0
    assert not summaries.due_for_summary(now=NOW).filter(pk=stranger.pk).exists()
    talked(user, yesterday, "Hello")
    Preferences.objects.create(user=user, learning_enabled=False)
    assert summaries.summarize(user, now=NOW) == 0


def test_weeks_are_made_of_days_and_months_of_weeks(user: User) -> None:
    for offset in range(1, 36):
        talked(user, NOW - timedelta(days=offset), "How am I doing?")
        if offset % 3 == 0:
            talked(user, NOW - timedelta(days=offset), "I'm stressed at work")
    for back in range(36, -1, -3):
        summaries.summarize(user, now=NOW - timedelta(days=back))
    weeks = summaries.summaries_of(user).filter(summary_period=SummaryPeriod.WEEKLY)
    assert [row.start_date.weekday() for row in weeks] == [0] * weeks.count()
    full = weeks.get(start_date=date(2026, 6, 8))
    assert full.end_date == date(2026, 6, 14)
    assert full.message_count == sum(
        row.message_count
        for row in ConversationSummary.objects.filter(
            summary_period="daily", start_date__range=(full.start_date, full.end_date)
        )
    )
    month = summaries.summaries_of(user).get(summary_period=SummaryPeriod.MONTHLY)
    assert (month.start_date, month.end_date) == (date(2026, 5, 1), date(2026, 5, 31))
    assert "how it is going" in month.key_topics
    told = summaries.summaries_for_context(user, now=NOW)
    assert [row.summary_period for row in told] == ["daily"] * 3 + ["weekly"] * 3 + ["monthly"]
    assert len({row.start_date for row in told}) == len(told)


def test_promises_of_the_day_stand_in_it(user: User) -> None:
    yesterday = NOW - timedelta(days=1)
    talked(user, yesterday, "I'll walk on Tuesday at 7")
    Commitment.objects.create(
        user=user, what="walk", quote="q", due_at=NOW, source_ref="1", created_at=yesterday
    )
    summaries.summarize(user, now=NOW)
    row = ConversationSummary.objects.get()
    assert row.commitments_made == ["walk"]
    assert "Promised: walk." in row.ai_summary


def test_a_deleted_summary_stays_deleted_with_what_was_made_of_it(user: User) -> None:
    talked(user, NOW - timedelta(days=3), "I'm stressed at work")  # the Sunday
    summaries.summarize(user, now=NOW)
    assert summaries.summaries_of(user).count() == 2  # the day and its week
    day = summaries.summaries_of(user).get(summary_period="daily")
    other = UserFactory()
    assert not summaries.delete(other, day.pk)
    assert summaries.delete(user, day.pk)
    assert not summaries.delete(user, day.pk)
    assert not summaries.summaries_of(user).exists()
    summaries.summarize(user, now=NOW)
    assert not summaries.summaries_of(user).exists()


def test_deleting_a_conversation_deletes_what_it_was_summed_up_in(user: User) -> None:
    talk = talked(user, NOW - timedelta(days=1), "I'm stressed at work")
    summaries.summarize(user, now=NOW)
    talk.delete()
    assert not ConversationSummary.objects.exists()


def test_a_day_that_said_what_is_forgotten_is_not_summed_up_again(user: User) -> None:
    talked(user, NOW - timedelta(days=1), "I'm stressed at work")
    summaries.summarize(user, now=NOW)
    secret = remember(user, "My sister is ill.", source_ref="1", now=NOW)
    ConversationSummary.objects.update(ai_summary="Talked about work. My sister is ill.")
    forget(user, [secret.pk])
    summaries.summarize(user, now=NOW)
    assert not summaries.summaries_of(user).exists()


def test_who_withdraws_keeps_no_summaries(user: User) -> None:
    talked(user, NOW - timedelta(days=1), "How am I doing?")
    summaries.summarize(user, now=NOW)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert summaries.forget_those_who_withdrew() == 1


@pytest.mark.django_db(transaction=True)
def test_a_model_writes_them_where_there_is_one(user: User, model_server: ModelServer) -> None:
    model_server.will(
        whole(
            json.dumps(
                {
                    "key_topics": ["running"],
                    "ai_summary": "Running goes well.",
                    "overall_sentiment": "positive",
                    "user_motivation_level": 8,
                    "commitments_made": ["an invented promise"],
                }
            )
        )
    )
    talked(user, NOW - timedelta(days=1), "How am I doing?")
    summaries.summarize(user, now=NOW)
    row = ConversationSummary.objects.get()
    assert (row.ai_summary, row.model, row.user_motivation_level) == (
        "Running goes well.",
        "model",
        8,
    )
    assert row.commitments_made == []


def test_the_built_in_way_invents_nothing() -> None:
    digest = of_turns([Turn(True, "ok"), Turn(False, "Good.")])
    assert digest == Digest(ai_summary="A short talk of 1 message.", overall_sentiment="neutral")
    assert of_turns([]).overall_sentiment == ""
    together = of_days([digest, Digest(overall_sentiment="positive", key_topics=["a plan"])])
    assert together.overall_sentiment == "positive"
    assert together.ai_summary == "About: a plan. The tone was hopeful."


def test_forgetting_everything_takes_the_same_queries_for_two_memories_as_for_twenty(
    user: User,
) -> None:
    def forgotten(count: int) -> int:
        for number in range(count):
            remember(user, f"I like tea number {number}.", source_ref=str(number), now=NOW)
        with CaptureQueriesContext(connection) as queries:
            forget_everything(user)
        return len(queries)

    assert forgotten(2) == forgotten(20)
