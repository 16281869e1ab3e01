"""A stuck task gets what fits its reason, and steps that nobody has to accept."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from coaching.models import RawBehavioralLog
from productivity import changing, history, stuck
from productivity.models import (
    Breakdown,
    BreakdownStatus,
    Strategy,
    StuckReason,
    StuckReport,
    Task,
    WrittenBy,
)
from productivity.stuck.strategies import FITTING
from productivity.stuck.template_steps import shared
from productivity.stuck.writing import WrittenStep, cleaned

from .factories import TaskFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
TITLES = ["Write the report", "Call the bank", "Clean the garage", "Taxes 2025", "Buy a lamp", "Learn Spanish", "Fix the tap", "Plan the party", "Email Tom", "Zzz", "Prepare slides", "Build a shed"]  # fmt: skip


class TestReasons:
    @pytest.mark.parametrize(
        ("reason", "strategy"),
        [
            ("overwhelming", "split"),
            ("unclear", "first_step"),
            ("boring", "timebox"),
            ("feared", "tiny_exposure"),
            ("no_time", "renegotiate"),
            ("perfectionism", "bad_draft"),
        ],
    )
    def test_every_reason_has_its_strategy(self, reason, strategy):
        task = TaskFactory()
        assert stuck.report(task.user, task.pk, reason, source="web", now=NOW).strategy == strategy

    def test_every_strategy_is_told_in_words_of_the_task(self):
        task = TaskFactory(title="Write the tax report")
        for strategy in Strategy:
            advice = stuck.advice_for(task, strategy)
            assert "tax report" in advice.words
            assert advice.action

    def test_the_same_tap_is_one_report_and_another_reason_a_new_one(self):
        task = TaskFactory()
        first = stuck.report(task.user, task.pk, "boring", source="web", now=NOW)
        again = stuck.report(
            task.user, task.pk, "boring", source="web", now=NOW + timedelta(minutes=5)
        )
        other = stuck.report(
            task.user, task.pk, "feared", source="web", now=NOW + timedelta(minutes=6)
        )
        assert again == first
        assert other != first

    def test_only_those_who_agree_have_it_in_their_ledger(self):
        user = UserFactory()
        task = TaskFactory(user=user)
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted=False, source=ConsentSource.WEB)
        stuck.report(user, task.pk, "boring", source="web", now=NOW)
        assert not RawBehavioralLog.objects.filter(
            user=user, interaction_type="task.stuck"
        ).exists()
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted=True, source=ConsentSource.WEB)
        stuck.report(user, task.pk, "feared", source="web", now=NOW)
        assert (
            RawBehavioralLog.objects.filter(user=user, interaction_type="task.stuck").count() == 1
        )

    def test_what_is_not_theirs_done_or_deleted_is_not_stuck(self):
        task = TaskFactory()
        with pytest.raises(Task.DoesNotExist):
            stuck.report(UserFactory(), task.pk, "boring", source="web", now=NOW)
        changing.complete(task.user, task.pk, source="web", now=NOW)
        with pytest.raises(changing.TaskRefused):
            stuck.report(task.user, task.pk, "boring", source="web", now=NOW)
        changing.delete(task.user, task.pk, source="web", now=NOW)
        with pytest.raises(changing.TaskGone):
            stuck.report(task.user, task.pk, "boring", source="web", now=NOW)


class TestLearning:
    def taken_up_in_vain(self, user, reason, strategy, times):
        for _ in range(times):
            StuckReport.objects.create(
                user=user,
                task=TaskFactory(user=user),
                reason=reason,
                strategy=strategy,
                taken_up_at=NOW - timedelta(days=20),
            )

    def agreeing(self):
        user = UserFactory()
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted=True, source=ConsentSource.WEB)
        return user

    def test_a_strategy_that_never_moved_anything_gives_way(self):
        user = self.agreeing()
        self.taken_up_in_vain(user, "boring", "timebox", 2)
        assert stuck.strategy_for(user, StuckReason.BORING) == Strategy.TIMEBOX
        self.taken_up_in_vain(user, "boring", "timebox", 1)
        assert stuck.strategy_for(user, StuckReason.BORING) == FITTING[StuckReason.BORING][1]

    def test_a_strategy_that_moved_tasks_stays(self):
        user = self.agreeing()
        for _ in range(4):
            task = TaskFactory(user=user)
            StuckReport.objects.create(
                user=user, task=task, reason="boring", strategy="timebox", taken_up_at=NOW
            )
            changing.complete(user, task.pk, source="web", now=NOW + timedelta(days=1))
        assert stuck.strategy_for(user, StuckReason.BORING) == Strategy.TIMEBOX

    def test_nothing_is_learned_without_consent(self):
        user = self.agreeing()
        self.taken_up_in_vain(user, "boring", "timebox", 5)
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted=False, source=ConsentSource.WEB)
        assert stuck.strategy_for(user, StuckReason.BORING) == Strategy.TIMEBOX


class TestTakingUp:
    def take_up(self, task, reason, now=NOW):
        told = stuck.report(task.user, task.pk, reason, source="web", now=now)
        return told, stuck.take_up(task.user, told.pk, source="web", now=now)

    def test_what_is_too_big_becomes_a_draft(self):
        task = TaskFactory()
        told, done = self.take_up(task, "overwhelming")
        assert done.breakdown.status == BreakdownStatus.DRAFT
        told.refresh_from_db()
        assert told.taken_up_at == NOW
        assert not Task.objects.filter(parent=task).exists()

    def test_what_is_dull_gets_ten_minutes_that_can_be_taken_back(self):
        task = TaskFactory()
        told, done = self.take_up(task, "boring")
        task.refresh_from_db()
        assert (task.planned_start, task.planned_end) == (NOW, NOW + timedelta(minutes=10))
        assert task.started_at == NOW
        again = stuck.take_up(task.user, told.pk, source="web", now=NOW + timedelta(minutes=3))
        assert again.words == done.words
        assert task.events.count() == 2
        history.undo(task.user, done.undo, source="web", now=NOW)
        task.refresh_from_db()
        assert (task.planned_start, task.started_at) == (None, None)

    def test_what_is_unclear_gets_a_first_step_of_at_most_ten_minutes(self):
        _, done = self.take_up(TaskFactory(estimated_minutes=90), "unclear")
        first, rest = done.breakdown.steps
        assert first["minutes"] == 10
        assert rest["minutes"] == 80

    def test_what_has_no_room_is_agreed_on_anew(self):
        task = TaskFactory(due_at=NOW + timedelta(days=1), estimated_minutes=120)
        _, done = self.take_up(task, "no_time")
        assert {each.what.value for each in done.proposals} >= {"later", "smaller"}
        assert all(each.task == task for each in done.proposals)

    def test_what_has_to_be_perfect_is_done_badly_first(self):
        _, done = self.take_up(TaskFactory(), "perfectionism")
        assert "bad first version" in done.breakdown.steps[0]["title"]

    def test_nobody_takes_up_what_another_told(self):
        task = TaskFactory()
        told = stuck.report(task.user, task.pk, "boring", source="web", now=NOW)
        with pytest.raises(StuckReport.DoesNotExist):
            stuck.take_up(UserFactory(), told.pk, source="web", now=NOW)


class TestDrafts:
    @given(st.sampled_from(TITLES), st.integers(1, 6000), st.sampled_from(["", "home", "finance"]))
    def test_the_minutes_of_a_draft_add_up_to_those_of_the_task(self, title, minutes, category):
        task = Task(title=title, category=category)
        steps = stuck.steps_for(task, minutes)
        assert sum(step.minutes for step in steps) == minutes
        assert all(step.minutes >= 1 and 0 < len(step.title) <= 200 for step in steps)
        assert 1 <= len(steps) <= 8

    @given(st.lists(st.floats(0.1, 10), min_size=1, max_size=8), st.integers(8, 6000))
    def test_shares_are_kept_and_nothing_is_lost(self, shares, minutes):
        parts = shared(minutes, shares)
        assert sum(parts) == minutes
        assert min(parts) >= 1

    @pytest.mark.parametrize(("title", "begins"), [("Call the bank about the loan", "Find the number"), ("Write the report", "Open a page"), ("Clean out the garage", "Take one bag"), ("File my taxes", "Find the letter")])  # fmt: skip
    def test_steps_fit_the_kind_of_doing(self, title, begins):
        assert stuck.steps_for(Task(title=title), 60)[0].title.startswith(begins)

    def test_braces_in_a_title_are_only_letters(self):
        assert "{0.x}" in stuck.steps_for(Task(title="Write {0.x}"), 60)[0].title

    def test_a_task_has_one_open_draft(self):
        task = TaskFactory()
        first = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        assert stuck.draft_breakdown(task.user, task.pk, now=NOW) == first

    def test_accepting_makes_the_steps_at_once_and_only_once(self):
        task = TaskFactory(estimated_minutes=60, category="work")
        draft = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        made = stuck.accept(task.user, draft.pk, source="web", now=NOW)
        again = stuck.accept(task.user, draft.pk, source="web", now=NOW)
        assert [step.pk for step in again] == [step.pk for step in made]
        steps = Task.objects.filter(parent=task).order_by("position")
        assert [step.title for step in steps] == [step["title"] for step in draft.steps]
        assert sum(step.estimated_minutes or 0 for step in steps) == 60
        assert {step.category for step in steps} == {"work"}
        history.undo(task.user, draft.pk, source="web", now=NOW)
        assert not Task.objects.filter(parent=task, deleted_at__isnull=True).exists()

    def test_edited_steps_are_the_ones_that_are_made(self):
        task = TaskFactory()
        draft = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        wanted = [{"title": "  Open   it ", "minutes": 5}]
        [step] = stuck.accept(task.user, draft.pk, steps=wanted, source="web", now=NOW)
        assert (step.title, step.estimated_minutes) == ("Open it", 5)

    @pytest.mark.parametrize("steps", [[], [{"title": " ", "minutes": 5}], [{"title": "x", "minutes": 0}], [{"title": "x", "minutes": 1}] * 9, [{"title": "x"}]], ids=["none", "nameless", "no_time", "nine", "no_minutes"])  # fmt: skip
    def test_what_is_no_step_is_refused_and_nothing_is_made(self, steps):
        task = TaskFactory()
        draft = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        with pytest.raises(changing.TaskRefused):
            stuck.accept(task.user, draft.pk, steps=steps, source="web", now=NOW)
        assert not Task.objects.filter(parent=task).exists()

    def test_declined_and_old_drafts_are_closed(self):
        task = TaskFactory()
        draft = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        stuck.decline(task.user, draft.pk, now=NOW)
        stuck.decline(task.user, draft.pk, now=NOW)
        with pytest.raises(stuck.BreakdownClosed):
            stuck.accept(task.user, draft.pk, source="web", now=NOW)
        newer = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        late = NOW + timedelta(days=7)
        with pytest.raises(stuck.BreakdownClosed):
            stuck.accept(task.user, newer.pk, source="web", now=late)
        assert stuck.tidy_breakdowns(now=late) == 1
        assert stuck.draft_breakdown(task.user, task.pk, now=late) not in (draft, newer)

    def test_nobody_answers_the_draft_of_another(self):
        task = TaskFactory()
        draft = stuck.draft_breakdown(task.user, task.pk, now=NOW)
        for verb in (lambda user: stuck.accept(user, draft.pk, source="web", now=NOW), lambda user: stuck.decline(user, draft.pk, now=NOW)):  # fmt: skip
            with pytest.raises(Breakdown.DoesNotExist):
                verb(UserFactory())

    def test_a_step_is_not_split_any_further(self):
        task = TaskFactory()
        step = TaskFactory(user=task.user, parent=task)
        with pytest.raises(changing.TaskRefused):
            stuck.draft_breakdown(task.user, step.pk, now=NOW)


class TestCleaning:
    def steps(self, *titles, minutes=10):
        return [WrittenStep(title=title, minutes=minutes) for title in titles]

    def cleaned(self, told, minutes, **more):
        found = cleaned(told, minutes, **more)
        assert found
        return found

    def test_lines_are_plain_and_their_minutes_add_up(self):
        found = self.cleaned(
            self.steps("1. **open** the file", "- Write it", "Step 3: send it."), 45
        )
        assert [step.title for step in found] == ["Open the file", "Write it", "Send it"]
        assert sum(step.minutes for step in found) == 45

    def test_links_doubles_the_task_itself_and_harm_are_left_out(self):
        told = self.steps("See https://x.example/y", "Open it", "open it", "Write the report", "You should hurt yourself", "x" * 300, "Close it")  # fmt: skip
        found = self.cleaned(told, 60, title="Write the report")
        assert [step.title for step in found] == ["See", "Open it", "Close it"]

    def test_too_little_is_nothing(self):
        assert cleaned(self.steps("Write the report", "Open"), 60, title="write the report") is None

    def test_no_more_than_eight(self):
        assert len(self.cleaned(self.steps(*[f"Do part {n}" for n in "abcdefghijk"]), 300)) == 8


def test_a_draft_without_a_model_is_ready_at_once():
    task = TaskFactory()
    draft = stuck.draft_breakdown(task.user, task.pk, now=NOW)
    assert (draft.status, draft.source) == (BreakdownStatus.DRAFT, WrittenBy.TEMPLATE)
    assert stuck.write_breakdown(draft.pk, now=NOW) is False
    assert stuck.write_breakdown(uuid4(), now=NOW) is False
