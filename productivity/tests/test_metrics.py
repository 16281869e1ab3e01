"""Figures about tasks: right for known people, silent about few, and of those alone who agreed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from productivity import metrics
from productivity.metrics import LEAST_PEOPLE, Figure, people_counted
from productivity.models import CoachingNudge, Task, TaskEvent, TaskStatus

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def people(count: int, *, joined: timedelta = 100 * DAY, agree: bool = True) -> list[User]:
    made = [UserFactory.create() for _ in range(count)]
    User.objects.filter(pk__in=[user.pk for user in made]).update(created_at=NOW - joined)
    for user in made:
        user.refresh_from_db()
        if agree:
            set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return made


def tasks(
    user: User,
    count: int,
    *,
    made: datetime,
    done: int = 0,
    snoozed: int = 0,
    due: datetime | None = None,
    after: timedelta = DAY,
) -> None:
    """`count` tasks, of which the first `done` were done so long `after` they were made."""
    for number in range(count):
        is_done = number < done
        task = Task.objects.create(
            user=user,
            title="Anything",
            created_at=made,
            due_at=due,
            status=TaskStatus.COMPLETED if is_done else TaskStatus.PENDING,
            completed_at=made + after if is_done else None,
            snooze_count=1 if number < snoozed else 0,
        )
        TaskEvent.objects.create(
            task=task, user=user, event_type="create", source="web", created_at=made
        )


def shares(found: Figure) -> tuple[int, float | None]:
    return found.people, None if found.value is None else round(found.value, 6)


@pytest.mark.django_db
def test_what_becomes_of_tasks_is_counted() -> None:
    for user in people(20):
        tasks(user, 4, made=NOW - 20 * DAY, done=3, snoozed=1, due=NOW - 10 * DAY)
    found = metrics.of_tasks(people_counted(), since=NOW - 28 * DAY, now=NOW)
    assert shares(found.completion) == (20, 0.75)
    assert shares(found.snoozed) == (20, 0.25)
    assert shares(found.overdue) == (20, 0.25)


@pytest.mark.django_db
def test_what_is_too_young_late_deleted_or_a_step_does_not_count_as_done() -> None:
    for user in people(20):
        tasks(user, 2, made=NOW - 20 * DAY, done=1)
        tasks(user, 5, made=NOW - 3 * DAY)  # has its two weeks yet to come
        tasks(user, 1, made=NOW - 27 * DAY, done=1, after=20 * DAY)  # done, but late
        own = Task.objects.filter(user=user)
        gone = {"status": TaskStatus.DELETED, "deleted_at": NOW, "created_at": NOW - 20 * DAY}
        Task.objects.create(user=user, title="Gone", **gone)
        Task.objects.create(
            user=user, title="Step", parent=own[0], created_at=NOW - 20 * DAY, due_at=NOW - DAY
        )
    found = metrics.of_tasks(people_counted(), since=NOW - 28 * DAY, now=NOW)
    assert shares(found.completion) == (20, round(1 / 3, 6))
    assert found.overdue == Figure(0)


@pytest.mark.django_db
def test_nothing_is_told_of_too_few_people() -> None:
    for user in people(LEAST_PEOPLE - 1):
        tasks(user, 4, made=NOW - 20 * DAY, done=4, due=NOW - DAY)
    everybody = people_counted()
    found = metrics.of_tasks(everybody, since=NOW - 28 * DAY, now=NOW)
    assert found.completion == Figure(19)
    assert not metrics.weekly_actives(everybody, now=NOW).is_told
    assert not any(week.is_told for week in metrics.retention(everybody, now=NOW))
    assert {(week.active, week.kept) for week in metrics.by_week(everybody, now=NOW)} == {
        (None, None)
    }


@pytest.mark.django_db
def test_only_people_who_agree_count() -> None:
    for user in people(20):
        tasks(user, 2, made=NOW - 20 * DAY, done=2)
    silent = people(5, agree=False)
    withdrew = people(5)
    for user in (*silent, *withdrew):
        tasks(user, 9, made=NOW - 20 * DAY)
    for user in withdrew:
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    found = metrics.of_tasks(people_counted(), since=NOW - 28 * DAY, now=NOW)
    assert shares(found.completion) == (20, 1.0)


@pytest.mark.django_db
def test_a_coach_counts_their_own_people() -> None:
    coach = UserFactory.create(is_staff=True)
    mine, others = people(21), people(3)
    User.objects.filter(pk__in=[user.pk for user in mine]).update(coach=coach)
    for user in (*mine, *others):
        tasks(user, 1, made=NOW - 20 * DAY)
    found = metrics.of_tasks(people_counted(coach), since=NOW - 28 * DAY, now=NOW)
    assert found.completion.people == 21


@pytest.mark.django_db
def test_people_are_active_by_what_they_do_themselves() -> None:
    active, *rest = people(25)
    tasks(active, 1, made=NOW - 2 * DAY)
    for user in rest[:9]:
        tasks(user, 1, made=NOW - 6 * DAY)
    for user in rest[9:]:
        tasks(user, 1, made=NOW - 8 * DAY)
    TaskEvent.objects.filter(user=active).update(source="system")
    found = metrics.weekly_actives(people_counted(), now=NOW)
    assert shares(found) == (25, 0.36)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.36 < found.high


@pytest.mark.django_db
def test_who_began_and_did_not_come_back_dropped_off() -> None:
    for at, user in enumerate(people(30, joined=60 * DAY)):
        if at < 24:  # the others never began
            tasks(user, 1, made=user.created_at + DAY)
        if at < 18:
            tasks(user, 1, made=user.created_at + 10 * DAY)
    assert shares(metrics.dropped_off(people_counted(), now=NOW)) == (24, 0.25)


@pytest.mark.django_db
def test_retention_counts_those_who_have_been_here_long_enough() -> None:
    for at, user in enumerate(people(20, joined=20 * DAY)):
        tasks(user, 1, made=user.created_at + DAY)
        if at < 10:
            tasks(user, 1, made=user.created_at + 8 * DAY)
    weeks = metrics.retention(people_counted(), now=NOW)
    assert [shares(week) for week in weeks] == [(20, 1.0), (20, 0.5)]


@pytest.mark.django_db
def test_people_are_compared_with_themselves_when_they_joined() -> None:
    for at, user in enumerate(people(22)):
        tasks(user, 4, made=user.created_at + DAY, done=1, due=user.created_at + 5 * DAY)
        tasks(user, 4, made=NOW - 25 * DAY, done=3, due=NOW - 20 * DAY)
        if at == 0:
            Task.objects.filter(user=user).delete()
    fresh = people(3, joined=30 * DAY)
    for user in fresh:
        tasks(user, 9, made=user.created_at + DAY)
    found = metrics.since_joining(people_counted(), now=NOW)
    assert shares(found.completion) == (21, 0.5)
    assert shares(found.overdue) == (21, -0.5)
    assert shares(found.snoozed) == (21, 0.0)


@pytest.mark.django_db
def test_nudges_are_followed_to_what_came_of_them() -> None:
    for user in people(20):
        common = {
            "user": user,
            "trigger": "overdue",
            "mode": "neutral",
            "persona_type": "coach",
            "generated_text": "A small step?",
            "source": "template",
            "created_at": NOW - DAY,
        }
        CoachingNudge.objects.create(**common, delivered=True, usefulness_rating=1, helped=True)
        CoachingNudge.objects.create(**common, delivered=True, usefulness_rating=-1, helped=False)
        CoachingNudge.objects.create(**common, delivered=True)
        CoachingNudge.objects.create(**common, delivered=True)
        CoachingNudge.objects.create(**common)  # never arrived
    found = metrics.of_nudges(people_counted(), since=NOW - 28 * DAY, now=NOW)
    assert shares(found.rated) == (20, 0.5)
    assert shares(found.useful) == (20, 0.5)
    assert shares(found.helped) == (20, 0.5)
    assert found.engaged == Figure(0)


@pytest.mark.django_db
def test_weeks_show_who_was_there_and_what_was_kept() -> None:
    monday = datetime(2026, 3, 9, tzinfo=UTC)
    for user in people(20):
        tasks(user, 2, made=monday + DAY, done=1, due=monday + 3 * DAY)
    weeks = metrics.by_week(people_counted(), now=NOW)
    assert len(weeks) == metrics.WEEKS_SHOWN
    assert [(week.day, week.active, week.kept) for week in weeks[-1:]] == [(monday.date(), 20, 0.5)]
    assert {(week.active, week.kept) for week in weeks[:-1]} == {(None, None)}


@pytest.mark.django_db
def test_each_figure_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    everybody = people_counted()
    for read in (metrics.weekly_actives, metrics.dropped_off, metrics.since_joining):
        with django_assert_num_queries(1):
            read(everybody, now=NOW)
    for read_since in (metrics.of_tasks, metrics.of_nudges):
        with django_assert_num_queries(1):
            read_since(everybody, since=NOW - DAY, now=NOW)


@pytest.mark.django_db
def test_one_person_sees_their_own_change_whether_or_not_they_agree(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    (user,) = people(1, agree=False)
    tasks(user, 4, made=user.created_at + DAY, done=1, snoozed=4, due=user.created_at + 5 * DAY)
    tasks(user, 4, made=NOW - 25 * DAY, done=3, due=NOW - 20 * DAY)
    with django_assert_num_queries(1):
        found = metrics.of_person(user, NOW)
    assert found.kept is not None
    assert found.snoozed is not None
    assert (found.kept.before, found.kept.after) == (0.25, 0.75)
    assert found.kept.difference.low < 0.5 < found.kept.difference.high
    assert (found.snoozed.before, found.snoozed.after) == (1.0, 0.0)
    assert found.words == [
        "25% done in time, of what was due in your first two weeks, 75% in the last four; "
        "with so few tasks that can be chance.",
        "100% snoozed in your first two weeks, 0% in the last four.",
    ]


@pytest.mark.django_db
def test_a_person_who_is_new_or_did_little_is_told_nothing() -> None:
    (new,), (quiet,) = people(1, joined=20 * DAY), people(1)
    tasks(new, 9, made=NOW - 15 * DAY, done=9, due=NOW - 10 * DAY)
    tasks(quiet, 2, made=quiet.created_at + DAY, due=quiet.created_at + 2 * DAY)
    assert metrics.of_person(new, NOW) == metrics.OwnFigures(None, None)
    assert metrics.of_person(quiet, timezone.now()) == metrics.OwnFigures(None, None)


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 1)), min_size=20, max_size=60))
def test_a_share_lies_within_its_interval_and_both_between_nothing_and_all(
    pairs: list[tuple[int, float]],
) -> None:
    counted = [(n, round(n * share)) for n, share in pairs]
    n, k = sum(n for n, _ in counted), sum(k for _, k in counted)
    sums = (
        len(counted),
        n,
        k,
        sum(n * n for n, _ in counted),
        sum(n * k for n, k in counted),
        sum(k * k for _, k in counted),
    )
    found = metrics._ratio(sums)
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(k / n)
    assert 0 <= found.low <= k / n + 1e-9
    assert k / n - 1e-9 <= found.high <= 1
    assert found.high - found.low > 0


@pytest.mark.django_db
def test_the_page_of_progress_tells_the_change_since_joining(client: Client) -> None:
    now = timezone.now()
    user = UserFactory.create()
    User.objects.filter(pk=user.pk).update(created_at=now - 100 * DAY)
    for made, done in ((now - 98 * DAY, 1), (now - 20 * DAY, 3)):
        tasks(user, 4, made=made, done=done, due=made + 5 * DAY)
    client.force_login(user)
    page = client.get("/tasks/progress/").content.decode()
    assert "25% done in time, of what was due in your first two weeks, 75% in the last four" in page
