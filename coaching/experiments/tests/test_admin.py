"""Staff draft experiments from choices, start and end them with a confirmation, and read no person's row."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from coaching.experiments.lifecycle import stop
from coaching.models import Experiment, ExperimentAssignment

from .factories import NOON, draft, filled, running
from .test_results import people

pytestmark = pytest.mark.django_db
LIST = "admin:coaching_experiment_changelist"
ADD = "admin:coaching_experiment_add"


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def boss() -> Client:
    return sign_in(User.objects.create_superuser("boss@example.org", "pass phrase", name="Boss"))


@pytest.fixture
def coach() -> Client:
    user = User.objects.create_user("coach@example.org", name="Coach", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_experiment"))
    return sign_in(user)


def change(experiment: Experiment) -> str:
    return reverse("admin:coaching_experiment_change", args=[experiment.pk])


def results(experiment: Experiment) -> str:
    return reverse("admin:coaching_experiment_results", args=[experiment.pk])


def form(**fields: Any) -> dict[str, Any]:
    return {
        "key": "greeting",
        "name": "A warmer greeting",
        "hypothesis": "",
        "variation": "test.point",
        "segment": "",
        "primary_metric": "test.kept",
        "outcome_days": 14,
        "weights-plain": "1",
        "weights-warm": "1",
        **fields,
    }


def test_a_new_draft_begins_with_equal_shares_of_all_options(boss: Client) -> None:
    page = boss.get(reverse(ADD)).content.decode()
    assert "How it greets (plain, warm, loud)" in page
    assert "People who muted" in page
    answer = boss.post(reverse(ADD), form(**{"limits-test.muted": "2"}))
    assert answer.status_code == 302
    row = Experiment.objects.get()
    assert row.variants == [{"key": key, "weight": 1} for key in ("plain", "warm", "loud")]
    assert row.guardrails == [{"metric": "test.muted", "worst_difference": 0.02}]
    assert row.status == "draft"


def test_variants_of_a_draft_are_weighed_in_a_table(boss: Client) -> None:
    row = draft()
    page = boss.get(change(row)).content.decode()
    assert "plain (control)" in page
    assert 'name="limits-test.muted" value="2"' in page
    boss.post(change(row), form(key=row.key, **{"weights-plain": "3", "weights-warm": "1,5"}))
    row.refresh_from_db()
    assert row.variants == [{"key": "plain", "weight": 3}, {"key": "warm", "weight": 1.5}]
    assert row.guardrails == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"weights-plain": ""}, "The control “plain” needs a weight"),
        ({"weights-plain": "0"}, "The control “plain” needs a weight"),
        ({"weights-warm": ""}, "at least one variant beside the control"),
        ({"weights-warm": "half"}, "“half” is not a number"),
        ({"weights-warm": "-1"}, "give a number from 0"),
        ({"weights-warm": "nan"}, "give a number from 0"),
        ({"limits-test.muted": "a bit"}, "“a bit” is not a number"),
        ({"limits-test.kept": "1"}, "a guardrail is another metric"),
        ({"variation": "no.such"}, "Select a valid choice"),
        ({"primary_metric": "no.such"}, "Select a valid choice"),
        ({"segment": "no.such"}, "Select a valid choice"),
        ({"outcome_days": "0"}, "Give 1 to 365 days."),
    ],
)
def test_what_does_not_fit_is_told_and_not_saved(boss: Client, fields, said: str) -> None:
    row = draft(name="Before")
    page = boss.post(change(row), form(key=row.key, **fields))
    assert page.status_code == 200
    assert said in page.content.decode()
    row.refresh_from_db()
    assert row.name == "Before"


def test_a_draft_says_what_is_in_its_way(boss: Client) -> None:
    running()
    page = boss.get(change(draft())).content.decode()
    assert "Before it can start:" in page
    assert "end it first" in page


def test_once_it_runs_only_its_words_can_be_changed(boss: Client) -> None:
    row = running()
    page = boss.get(change(row)).content.decode()
    assert "People who muted: at most 2 points worse" in page
    assert "weights-plain" not in page
    boss.post(change(row), form(name="Renamed", variation="coaching.opening_line", key="other"))
    before = (row.variants, row.guardrails, row.variation, row.key)
    row.refresh_from_db()
    assert row.name == "Renamed"
    assert (row.variants, row.guardrails, row.variation, row.key) == before


def test_a_page_read_before_the_stop_does_not_undo_it() -> None:
    row = running()
    stale = Experiment.objects.get()
    stop(row, reason="It did harm.", now=NOON + timedelta(days=1))
    stale.name, stale.variants = "Renamed", []
    page = admin.site._registry[Experiment]
    with transaction.atomic():
        page.save_model(RequestFactory().post("/"), stale, None, change=True)
    row.refresh_from_db()
    assert (row.status, row.name, row.end_reason) == ("stopped", "Renamed", "It did harm.")
    assert row.variants


STEPS = [
    ("start_experiment", "draft", "running"),
    ("complete_experiment", "running", "completed"),
    ("stop_experiment", "running", "stopped"),
]


@pytest.mark.parametrize(("action", "before", "after"), STEPS)
def test_each_step_asks_first_and_is_taken_once(boss: Client, action, before, after) -> None:
    row = draft(status=before)
    chosen = {"action": action, "_selected_action": [str(row.pk)], "index": "0"}
    boss.get(reverse(LIST), chosen)
    boss.get(reverse(LIST), {**chosen, "confirmed": "yes"})
    asked = boss.post(reverse(LIST), chosen)
    assert "Yes, do it" in asked.content.decode()
    row.refresh_from_db()
    assert row.status == before
    for _ in range(2):
        boss.post(reverse(LIST), {**chosen, "confirmed": "yes"})
    row.refresh_from_db()
    assert row.status == after
    assert LogEntry.objects.count() == 1


def test_a_stop_by_hand_names_who_did_it(boss: Client) -> None:
    row = running()
    chosen = {"action": "stop_experiment", "_selected_action": [str(row.pk)], "confirmed": "yes"}
    boss.post(reverse(LIST), chosen)
    row.refresh_from_db()
    assert row.end_reason == "Stopped by Boss."


def test_a_draft_that_does_not_fit_is_not_started(boss: Client) -> None:
    row = draft(variants=[])
    chosen = {"action": "start_experiment", "_selected_action": [str(row.pk)], "confirmed": "yes"}
    page = boss.post(reverse(LIST), chosen, follow=True).content.decode()
    assert "at least two variants" in page
    row.refresh_from_db()
    assert row.status == "draft"


def test_a_draft_may_go_and_what_has_begun_stays(boss: Client) -> None:
    for row, gone in ((draft(), True), (running(), False)):
        boss.post(reverse("admin:coaching_experiment_delete", args=[row.pk]), {"post": "yes"})
        assert Experiment.objects.filter(pk=row.pk).exists() != gone


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    boss: Client, django_assert_num_queries
) -> None:
    filled(running(), {"plain": [{}], "warm": [{}]})
    with CaptureQueriesContext(connection) as first:
        boss.get(reverse(LIST))
    for _ in range(5):
        draft()
    with django_assert_num_queries(len(first)):
        page = boss.get(reverse(LIST)).content.decode()
    assert page.count("A warmer greeting") >= 6


def test_the_results_show_numbers_words_and_a_picture_and_nobody_s_name(
    boss: Client, django_assert_max_num_queries
) -> None:
    row = running()
    filled(row, {"plain": people(40, 4.0, muted=4), "warm": people(40, 5.0, muted=8)})
    with django_assert_max_num_queries(8):
        page = boss.get(results(row)).content.decode()
    assert "Surely better than the control." in page
    assert "+1" in page
    assert 'role="img"' in page
    assert "Guardrail: People who muted" in page
    assert "Do not trust" not in page
    assert "crowd" not in page.lower()


def test_no_value_is_shown_that_could_be_one_person_s_own(boss: Client) -> None:
    row = running()
    filled(row, {"plain": people(40, 4.0), "warm": people(4, 7.77, spread=0.0)})
    page = boss.get(results(row)).content.decode()
    assert "4.00" in page
    assert "7.77" not in page
    assert "3.77" not in page


def test_results_of_a_mismatch_warn(boss: Client) -> None:
    row = running()
    filled(row, {"plain": [{}] * 130, "warm": [{}] * 60})
    assert "Do not trust these numbers." in boss.get(results(row)).content.decode()


@pytest.mark.parametrize("status", ["running", "stopped", "completed"])
def test_results_without_anybody_open(boss: Client, status: str) -> None:
    row = draft(status=status)
    page = boss.get(results(row)).content.decode()
    assert "Too early to say" in page


def test_results_whose_metric_or_point_is_gone_open(boss: Client) -> None:
    row = running(primary_metric="gone.metric", variation="gone.point", guardrails=[])
    assert "not declared any more" in boss.get(results(row)).content.decode()
    assert boss.get(change(row)).status_code == 200
    assert boss.get(reverse(LIST)).status_code == 200


def test_a_draft_has_no_results(boss: Client) -> None:
    assert boss.get(results(draft())).status_code == 404


def test_looking_at_results_changes_nothing(boss: Client) -> None:
    assert boss.post(results(running())).status_code == 405


def test_a_coach_reads_results_and_changes_nothing(coach: Client) -> None:
    row = running()
    assert coach.get(results(row)).status_code == 200
    page = coach.get(change(row)).content.decode()
    assert "stop_experiment" not in page
    waiting = draft(name="Before", variation="test.point")
    assert coach.get(change(waiting)).status_code == 200
    assert coach.post(change(waiting), form(name="After")).status_code == 403
    assert coach.get(reverse(ADD)).status_code == 403
    for action, one in (("stop_experiment", row), ("start_experiment", waiting)):
        chosen = {"action": action, "_selected_action": [str(one.pk)], "confirmed": "yes"}
        coach.post(reverse(LIST), chosen)
    row.refresh_from_db()
    waiting.refresh_from_db()
    assert (row.status, waiting.status, waiting.name) == ("running", "draft", "Before")


def test_who_may_not_see_experiments_sees_no_results() -> None:
    stranger = User.objects.create_user("s@example.org", name="S", is_staff=True)
    assert sign_in(stranger).get(results(running())).status_code == 403


def test_people_in_an_experiment_are_no_table_of_the_admin() -> None:
    assert ExperimentAssignment not in admin.site._registry
