"""The weekly look: who is looked at, what is decided, once, and what becomes of it."""

import logging
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import (
    CoachingProfile,
    EpisodicMemory,
    MemoryState,
    PromptReview,
    PromptRevision,
    PromptSentence,
    ReviewDecision,
)
from coaching.personalization import pruning, weekly
from coaching.personalization.config import BadConfig
from coaching.personalization.events import is_life_event

from .prompt_world import SUNDAY, WRITTEN, logs_daily, steady, with_prompt

pytestmark = pytest.mark.django_db
EVERYBODY = (UUID(int=0), UUID(int=2**128 - 1))


def due(now: datetime = SUNDAY) -> set[UUID]:
    return set(weekly.due_for_review(now=now).values_list("pk", flat=True))


def looked_at(now: datetime = SUNDAY) -> weekly.Reviewed:
    return weekly.review(*EVERYBODY, now=now)


def profile_of(user: User) -> CoachingProfile:
    return CoachingProfile.objects.get(user=user)


def changed(**fields: Any) -> User:
    """Somebody who logged daily when it was written and hardly does any more."""
    user = with_prompt(**fields)
    logs_daily(user, until=SUNDAY, days=3, gap=2)
    return user


def unchanged(**fields: Any) -> User:
    user = with_prompt(**fields)
    logs_daily(user, until=SUNDAY, days=80)
    return user


def told_of(user: User, words: str, *, at: datetime) -> None:
    memory = EpisodicMemory.objects.create(
        user=user, memory_description=words, original_timestamp=at, created_at=at
    )
    MemoryState.objects.create(user=user, memory=memory, last_reinforced_at=at)


def test_people_are_looked_at_at_their_own_sunday_morning() -> None:
    berlin, auckland = unchanged(), unchanged(timezone="Pacific/Auckland")
    assert due() == {berlin.pk}
    assert due(SUNDAY - timedelta(hours=1)) == set()
    assert due(SUNDAY + timedelta(hours=2)) == {berlin.pk}  # caught up when a worker was down
    assert due(SUNDAY + timedelta(hours=3)) == set()
    assert due(datetime(2026, 10, 31, 14, 30, tzinfo=UTC)) == {auckland.pk}
    with override_settings(PROMPT_UPDATE_DAY="mon", PROMPT_UPDATE_HOUR=5):
        assert due() == set()
        assert due(SUNDAY + timedelta(hours=26)) == {berlin.pk}


def test_staff_may_set_another_day_and_hour_on_the_schedule() -> None:
    user = unchanged()
    config = weekly.scheduled("Mon", 5)
    monday = weekly.due_for_review(now=SUNDAY + timedelta(hours=26), config=config)
    assert [person.pk for person in monday] == [user.pk]
    with pytest.raises(BadConfig, match="choose among mon"):
        weekly.scheduled("monday")


def test_only_people_with_a_prompt_that_nobody_is_writing_are_looked_at() -> None:
    user = unchanged()
    CoachingProfile.objects.filter(user=user).update(prompt_status="generating")
    assert due() == set()
    CoachingProfile.objects.filter(user=user).update(prompt_status="ready")
    User.objects.filter(pk=user.pk).update(deleted_at=SUNDAY)
    assert due() == set()


def test_nothing_is_saved_where_writing_is_free() -> None:
    unchanged()
    looked_at()
    assert PromptReview.objects.get().saved_microdollars == 0


def test_what_did_not_change_is_left_and_its_figures_are_brought_up_to_date(
    caplog: pytest.LogCaptureFixture,
) -> None:
    user = unchanged()
    baseline = profile_of(user).baseline_data
    with override_settings(COACH_MODEL="openai/paid"), caplog.at_level(logging.INFO):
        found = looked_at()
    assert (found.skipped, found.to_write) == (1, [])
    row = PromptReview.objects.get()
    assert (row.decision, row.saved_microdollars, row.cost_microdollars) == ("skipped", 50_000, 0)
    profile = profile_of(user)
    assert profile.behavioral_data["until"] == "2026-10-31"
    assert profile.baseline_data == baseline
    assert profile.system_prompt_version == 1
    assert "prompt_update_started" in caplog.text
    assert "skipping_prompt_update_no_significant_change" in caplog.text
    assert looked_at().looked_at == 0
    assert PromptReview.objects.count() == 1


def test_what_changed_is_written_anew_tried_and_told(caplog: pytest.LogCaptureFixture) -> None:
    user = changed()
    with caplog.at_level(logging.INFO):
        (review_id,) = looked_at().to_write
        assert PromptReview.objects.get().decision == ReviewDecision.BEGUN
        assert weekly.write(review_id, now=SUNDAY) == "regenerated"
        assert weekly.write(review_id, now=SUNDAY) == "taken"
    row = PromptReview.objects.get()
    assert row.revision is not None
    assert {reason["code"] for reason in row.reasons} >= {"logging"}
    assert (row.revision.version, row.revision.reason, row.revision.status) == (2, "weekly", "live")
    profile = profile_of(user)
    assert profile.system_prompt_version == 2
    assert profile.baseline_data["days_logged"] == 3
    assert profile.last_prompt_update == SUNDAY
    for event in ("significant_behavior_change_detected", "prompts_updated"):
        assert event in caplog.text
    # A week later nothing has changed since, whatever it was before.
    assert weekly.review(*EVERYBODY, now=SUNDAY + timedelta(days=7)).to_write == []


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    unchanged()
    looked_at(SUNDAY - timedelta(days=7))  # what is read once per process
    with django_assert_max_num_queries(20):
        assert looked_at().looked_at == 1
    for _ in range(3):
        unchanged()
    with django_assert_max_num_queries(20):
        assert looked_at(SUNDAY + timedelta(days=7)).looked_at == 4


def test_too_fresh_waits_and_too_old_does_not() -> None:
    changed(at=SUNDAY - timedelta(days=5))
    old = unchanged(at=SUNDAY - timedelta(days=57), learns=False)
    found = looked_at()
    assert found.too_early == 1
    review = PromptReview.objects.get(pk__in=found.to_write)
    assert (review.user_id, review.reasons[0]["code"], review.metrics) == (old.pk, "too_old", {})


def test_switches_are_honoured() -> None:
    user = changed()
    with override_settings(ENABLE_AUTOMATIC_UPDATES=False):
        assert looked_at().to_write == []
    row = PromptReview.objects.get()
    assert (row.decision, row.saved_microdollars) == ("skipped", 0)
    assert row.reasons[-1]["code"] == "automatic_off"
    PromptReview.objects.all().delete()
    unchanged()
    assert len(looked_at().to_write) == 1
    PromptReview.objects.all().delete()
    with override_settings(ENABLE_CHANGE_DETECTION=False):
        assert len(looked_at().to_write) == 2
    assert profile_of(user).system_prompt_version == 1


def test_a_turning_point_is_looked_at_on_any_day_at_that_hour() -> None:
    user = unchanged()
    tuesday = SUNDAY + timedelta(days=2)
    told_of(user, "Mara started a new job in another town", at=SUNDAY + timedelta(days=1))
    assert due(tuesday) == {user.pk}
    (review_id,) = looked_at(tuesday).to_write
    assert weekly.write(review_id, now=tuesday) == "regenerated"
    row = PromptReview.objects.get()
    assert row.revision is not None
    assert row.revision.reason == "event"
    assert due(tuesday + timedelta(days=1)) == set()  # told once


def test_a_turning_point_that_came_to_nothing_is_not_looked_at_again_every_day() -> None:
    user = unchanged()
    tuesday = SUNDAY + timedelta(days=2)
    told_of(user, "Mara started a new job in another town", at=SUNDAY + timedelta(days=1))
    with override_settings(ENABLE_AUTOMATIC_UPDATES=False):
        looked_at(tuesday)
    assert PromptReview.objects.get().decision == ReviewDecision.SKIPPED
    assert due(tuesday + timedelta(days=1)) == set()
    told_of(user, "Mara moved to another town", at=tuesday + timedelta(hours=1))
    assert due(tuesday + timedelta(days=1)) == {user.pk}


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("I started a new job last week", True),
        ("we are moving to Leipzig in May", True),
        ("my grandmother passed away", True),
        ("I broke my ankle", True),
        ("we had a baby", True),
        ("I walked after work", False),
        ("I broke my streak on Sunday", False),
        ("I moved my run to the morning", False),
    ],
)
def test_turning_points_are_told_from_everyday_talk(words: str, is_one: bool) -> None:
    assert is_life_event(words) is is_one


def test_what_expired_leaves_the_prompt_without_a_model() -> None:
    user = unchanged()
    sentence = PromptSentence.objects.filter(user=user, is_observation=True).first()
    assert sentence is not None
    PromptSentence.objects.filter(pk=sentence.pk).update(
        expires_at=SUNDAY - timedelta(days=1), evidence=[{**sentence.evidence[0], "at": "2026-01-01T00:00:00+00:00"}]
    )  # fmt: skip
    looked_at()
    profile = profile_of(user)
    assert profile.system_prompt_version == 2
    assert sentence.text not in profile.coaching_system_prompt
    assert profile.last_prompt_update == WRITTEN
    assert 500 <= len(profile.coaching_system_prompt.split()) <= 800


def test_measures_go_when_consent_is_taken_back() -> None:
    user = with_prompt(figures=steady((WRITTEN - timedelta(days=1)).date(), days_logged=29))
    looked_at()
    assert "29 of 30 days" in str(
        list(PromptSentence.objects.filter(user=user).values_list("evidence", flat=True))
    )
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert pruning.forget_those_who_withdrew(now=SUNDAY) == 1
    profile = profile_of(user)
    assert (profile.behavioral_data, profile.baseline_data) == ({}, {})
    assert "29 of 30" not in profile.coaching_system_prompt
    assert PromptReview.objects.get().metrics == {}
    assert pruning.forget_those_who_withdrew(now=SUNDAY) == 0


def test_a_writing_that_nobody_finished_is_taken_on_again_and_given_up_in_the_end() -> None:
    changed()
    (review_id,) = looked_at().to_write
    PromptReview.objects.update(taken_at=SUNDAY)  # and its worker died
    assert weekly.unfinished(now=SUNDAY + timedelta(minutes=10)) == []
    later = SUNDAY + timedelta(hours=1)
    assert weekly.unfinished(now=later) == [review_id]
    assert weekly.write(review_id, now=later) == "regenerated"
    PromptReview.objects.update(decision="begun")
    assert weekly.unfinished(now=SUNDAY + timedelta(days=3)) == []
    assert PromptReview.objects.get().decision == "failed"


@pytest.mark.django_db(transaction=True)
def test_two_workers_decide_once() -> None:
    changed()
    start = Barrier(2)
    found: list[weekly.Reviewed] = []

    def work() -> None:
        start.wait()
        found.append(looked_at())
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(len(each.to_write) for each in found) == 1
    assert PromptReview.objects.count() == 1


# --- The command ----------------------------------------------------------------------------------
def run(*arguments: str) -> str:
    out = StringIO()
    call_command("regenerate_prompts", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_tells_first_what_it_would_do() -> None:
    user = unchanged(at=SUNDAY - timedelta(days=400))
    with override_settings(COACH_MODEL="openai/paid"):
        said = run("--all", "--dry-run")
    assert "1 prompt would be written anew, for about $0.05" in said
    assert user.email in said
    assert PromptRevision.objects.count() == 1


def test_the_command_writes_for_some_for_a_segment_and_for_who_changed() -> None:
    user = changed(at=SUNDAY - timedelta(days=400))
    assert "1 regenerated" in run("--user", user.email.upper(), "--reason", "event")
    assert profile_of(user).system_prompt_version == 2
    assert "1 regenerated" in run("--segment", "coaching.all", "--batch-size", "1")
    assert "nobody to write for" in run("--due")
    CoachingProfile.objects.update(last_prompt_update=SUNDAY - timedelta(days=400))
    assert "1 regenerated" in run("--due")
    assert PromptReview.objects.get().decision == "regenerated"


def test_an_interrupted_run_goes_on_where_it_stopped() -> None:
    people = sorted((unchanged() for _ in range(2)), key=lambda each: each.pk)
    cache.set("regenerate-prompts:done-up-to", str(people[0].pk))
    assert "1 of 1" in run("--all", "--resume")
    assert [profile_of(each).system_prompt_version for each in people] == [1, 2]


def test_the_command_ends_with_a_code_that_says_what_went_wrong() -> None:
    with pytest.raises(CommandError, match="Nobody is called"):
        run("--user", "nobody@example.org")
    with pytest.raises(CommandError, match="No such segment"):
        run("--segment", "coaching.nobody")
    with pytest.raises(CommandError, match="required"):
        run()
    user = unchanged()
    user.consultations.all().delete()
    with pytest.raises(CommandError, match="1 failed") as failed:
        run("--all")
    assert failed.value.returncode == 3
