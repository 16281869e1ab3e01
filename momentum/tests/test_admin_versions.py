"""Scoring versions in the admin: drafted, tried, backfilled, published, and by whom."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import StaffFactory
from coaching.toolkit import Pillar, SignalKind
from config.celery import app
from momentum.admin import backfills
from momentum.models import (
    Backfill,
    BackfillStatus,
    MomentumPillar,
    ScoringVersion,
    VersionStatus,
)
from momentum.scoring import backfill, versions
from momentum.scoring.parameters import parameters_of
from momentum.standing import standing_of
from momentum.tests.scored import scored_person

pytestmark = pytest.mark.django_db
LIST = "/admin/momentum/scoringversion/"
ADD = f"{LIST}add/"


def member(*rights: str, **fields: object) -> tuple[Client, User]:
    user = StaffFactory(**fields)
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def boss() -> Client:
    return member(is_superuser=True)[0]


@pytest.fixture
def keeper() -> Client:
    """Somebody who may change versions and is no superuser."""
    return member("view_scoringversion", "change_scoringversion")[0]


@pytest.fixture
def tasks_at_once() -> Iterator[None]:
    """Tasks run where they are asked for, in place of a worker."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def onlooker() -> Client:
    return member("view_scoringversion", "view_backfill")[0]


def typed(client: Client, address: str = ADD) -> dict[str, str]:
    """What the form at `address` holds, as a browser would send it."""
    form = client.get(address).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def a_draft(name: str = "v2") -> ScoringVersion:
    changes = {"pillars": {"biometric": {"half_life_days": 2.0}}}
    return versions.draft_from(versions.active(), changes, name=name)


def at(row: ScoringVersion, step: str = "change") -> str:
    return reverse(f"admin:momentum_scoringversion_{step}", args=[row.pk])


def of(run: Backfill, step: str = "change") -> str:
    return reverse(f"admin:momentum_backfill_{step}", args=[run.pk])


def finish(row: ScoringVersion) -> None:
    """Scores the past of everybody under `row`."""
    today = timezone.now().date()
    backfill.backfill(today - timedelta(days=30), today + timedelta(days=1), row)
    row.refresh_from_db()


def a_run(row: ScoringVersion, status: BackfillStatus = BackfillStatus.RUNNING) -> Backfill:
    run = backfill.start(date(2026, 3, 1), date(2026, 3, 20), row)
    Backfill.objects.filter(pk=run.pk).update(status=status)
    return run


# --- Drafts -----------------------------------------------------------------------------------------
def test_a_draft_is_the_published_one_but_for_what_was_typed(keeper: Client) -> None:
    data = typed(keeper)
    assert data["name"] == "v2"
    data |= {
        "name": "gentler",
        "notes": "Sleep moves it slower",
        "pillars__biometric__half_life_days": "21",
        "kinds__visit__weight": "0",
        "normalizers__biometrics-steps__parameters__target": "7000",
    }
    answer = keeper.post(ADD, data)
    draft = ScoringVersion.objects.get(name="gentler")
    assert answer["Location"] == at(draft)
    assert (draft.status, draft.notes) == (VersionStatus.DRAFT, "Sleep moves it slower")
    expected = parameters_of(versions.active()).as_json()
    expected["pillars"]["biometric"]["half_life_days"] = 21.0
    expected["kinds"]["visit"]["weight"] = 0.0
    expected["normalizers"]["biometrics.steps"]["parameters"]["target"] = 7000.0
    assert parameters_of(draft).as_json() == expected
    assert LogEntry.objects.get().get_change_message() == "Drafted from v1."


def test_looking_at_the_form_of_a_draft_makes_no_version(keeper: Client) -> None:
    data = typed(keeper)
    assert not ScoringVersion.objects.exists()
    keeper.post(ADD, data | {"name": "v2"})
    assert {row.name for row in ScoringVersion.objects.all()} == {"v1", "v2"}


def test_every_number_stands_beside_the_published_one(keeper: Client) -> None:
    page = keeper.get(at(a_draft())).content.decode()
    assert 'name="pillars__biometric__half_life_days" value="2"' in page
    assert "v1: 14" in page
    assert page.count("Changed</strong>") == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "v1", "already exists"),
        ("name", "a b", "Use letters"),
        ("name", "", "required"),
        ("pillars__cognitive__weight", "0", "greater than or equal to"),
        ("pillars__cognitive__weight", "nan", "Enter a number"),
        ("pillars__cognitive__half_life_days", "9999", "less than or equal to"),
        ("kinds__coach_interaction__saturation", "1.5", "Enter a whole number"),
        ("kinds__sleep__weight", "much", "Enter a number"),
        ("normalizers__biometrics-steps__parameters__target", "0", "lies above 0"),
        ("normalizers__biometrics-sleep__parameters__target", "", "required"),
        ("normalizers__visit-late__parameters__low", "1.25", "too close together"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    keeper: Client, field: str, value: str, said: str
) -> None:
    answer = keeper.post(ADD, typed(keeper) | {field: value})
    assert answer.status_code == 200
    assert said in " ".join(answer.context["form"].errors[field])
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert list(ScoringVersion.objects.values_list("name", flat=True)) == ["v1"]


def test_a_draft_from_a_draft_begins_with_its_numbers(keeper: Client) -> None:
    a_draft()
    data = typed(keeper, f"{ADD}?from=v2")
    assert data["pillars__biometric__half_life_days"] == "2"
    keeper.post(ADD, data | {"from": "v2"})
    assert (
        parameters_of(ScoringVersion.objects.get(name="v3"))
        .pillars[Pillar.BIOMETRIC]
        .half_life_days
        == 2
    )


def test_a_draft_may_be_changed_until_it_is_scored(keeper: Client) -> None:
    draft = a_draft()
    data = typed(keeper, at(draft)) | {"kinds__sleep__weight": "3", "name": "v2b"}
    keeper.post(at(draft), data)
    draft.refresh_from_db()
    assert draft.name == "v2b"
    assert parameters_of(draft).kinds[SignalKind.SLEEP].weight == 3
    finish(draft)
    assert "form" not in keeper.get(at(draft)).context or not keeper.get(at(draft)).context["form"]
    keeper.post(at(draft), data | {"kinds__sleep__weight": "9"})
    draft.refresh_from_db()
    assert parameters_of(draft).kinds[SignalKind.SLEEP].weight == 3


def test_only_a_draft_that_scored_nothing_can_be_deleted(boss: Client) -> None:
    draft, kept = a_draft(), a_draft("v3")
    finish(kept)
    for row in (draft, kept, versions.active()):
        boss.post(at(row, "delete"), {"post": "yes"})
    assert set(ScoringVersion.objects.values_list("name", flat=True)) == {"v1", "v3"}


# --- Trying -----------------------------------------------------------------------------------------
def test_a_trial_shows_both_sides_and_keeps_nothing(boss: Client) -> None:
    user = scored_person(30, name="Ada Muster")
    draft = a_draft()
    before = MomentumPillar.objects.count()
    answer = boss.post(at(draft, "try"), {"people": "50", "days": "14"})
    page = answer.content.decode()
    found = answer.context["trial"]
    assert (found.people, found.compared, found.days) == (1, 1, 14)
    assert found.before.total == found.after.total == 14
    assert found.mean_change is not None
    assert found.mean_change == pytest.approx(found.after.mean - found.before.mean)
    assert str(user) in page
    assert "<svg" in page
    assert "The same as a table" in page
    assert MomentumPillar.objects.count() == before
    draft.refresh_from_db()
    assert draft.status == VersionStatus.DRAFT
    assert not Backfill.objects.exists()


def test_a_version_that_changes_nothing_moves_nobody(boss: Client) -> None:
    """The trial begins early enough that where it began does not show."""
    scored_person(30)
    same = versions.draft_from(versions.active(), {}, name="same")
    found = boss.post(at(same, "try"), {"people": "5", "days": "7"}).context["trial"]
    assert found.mean_change == pytest.approx(0, abs=1e-6)
    assert (found.turned, found.clear_days, found.lost_days) == (0, 0, 0)


def test_others_people_are_counted_and_not_named() -> None:
    client, keeper = member("view_scoringversion", "change_scoringversion")
    own = scored_person(20, name="Own Person", coach=keeper)
    other = scored_person(20, name="Somebody Else")
    page = client.post(at(a_draft(), "try"), {"people": "9", "days": "7"}).content.decode()
    assert str(own) in page
    assert str(other) not in page
    assert "And 1 person of other coaches." in page


@pytest.mark.parametrize(
    "asked", [{"people": "501", "days": "7"}, {"people": "5", "days": "91"}, {}]
)
def test_a_trial_is_bounded(boss: Client, asked: dict[str, str]) -> None:
    answer = boss.post(at(a_draft(), "try"), asked)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "trial" not in answer.context


def test_a_trial_of_nobody_says_so(boss: Client) -> None:
    page = boss.post(at(a_draft(), "try"), {"people": "5", "days": "7"}).content.decode()
    assert "Nobody has scores in these days." in page


# --- Backfilling ------------------------------------------------------------------------------------
def test_a_second_backfill_cannot_be_started(boss: Client) -> None:
    draft = a_draft()
    run = a_run(draft)
    answer = boss.post(at(draft, "backfill"), {"first": "2026-01-01", "last": "2026-01-31"})
    assert "is running already" in answer.content.decode()
    assert [each.pk for each in Backfill.objects.all()] == [run.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_starts_at_once_one_begins() -> None:
    draft = a_draft()
    gate, refused = Barrier(2), []

    def start(month: int) -> None:
        try:
            gate.wait()
            backfills.begin(draft, date(2026, month, 1), date(2026, month, 20))
        except backfills.Busy as problem:
            refused.append(problem)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two:
        list(two.map(start, (1, 2)))
    assert len(refused) == 1
    assert Backfill.objects.count() == 1


@pytest.mark.parametrize(
    "days", [("2026-02-01", "2026-01-01"), ("1900-01-01", "2026-01-01"), ("soon", ""), ("", "")]
)
def test_days_that_make_no_sense_start_nothing(boss: Client, days: tuple[str, str]) -> None:
    answer = boss.post(at(a_draft(), "backfill"), {"first": days[0], "last": days[1]})
    assert answer.context["form"].errors
    assert not Backfill.objects.exists()


def test_the_page_tells_how_far_it_is_and_when_it_ends(onlooker: Client) -> None:
    run = a_run(a_draft())
    now = timezone.now()
    Backfill.objects.filter(pk=run.pk).update(
        people_done=50, people_total=200, events_read=6000, started_at=now - timedelta(minutes=1), heartbeat_at=now
    )  # fmt: skip
    page = onlooker.get(of(run)).content.decode()
    assert "50 of 200 (25 %)" in page
    assert "50 people and 6,000 events a minute" in page
    assert 'hx-trigger="every 3s"' in page
    run.refresh_from_db()
    watched = backfills.watch(run, now)
    assert watched.ends_at is not None
    assert abs(watched.ends_at - now - timedelta(minutes=3)) < timedelta(seconds=1)
    part = onlooker.get(of(run, "progress"))
    assert "HX-Refresh" not in part
    backfill.stop(run)
    assert onlooker.get(of(run, "progress"))["HX-Refresh"] == "true"


def test_it_is_stopped_and_resumed(keeper: Client) -> None:
    run = a_run(a_draft())
    keeper.get(of(run, "stop"))
    run.refresh_from_db()
    assert run.status == BackfillStatus.RUNNING
    keeper.post(of(run, "stop"))
    run.refresh_from_db()
    assert run.status == BackfillStatus.STOPPED
    keeper.get(of(run, "resume"))
    run.refresh_from_db()
    assert run.status == BackfillStatus.STOPPED
    keeper.post(of(run, "resume"))
    run.refresh_from_db()
    assert run.status == BackfillStatus.RUNNING
    assert LogEntry.objects.count() == 2


def test_what_is_stopped_is_not_resumed_beside_another(keeper: Client) -> None:
    draft = a_draft()
    old = a_run(draft, BackfillStatus.STOPPED)
    a_run(draft)
    page = keeper.post(of(old, "resume"), follow=True).content.decode()
    assert "is running already" in page
    old.refresh_from_db()
    assert old.status == BackfillStatus.STOPPED


# --- Publishing and retiring ------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["publish", "retire"])
def test_a_draft_is_neither_published_nor_retired(boss: Client, step: str) -> None:
    draft = a_draft()
    for ask in (boss.get, boss.post):
        assert "cannot be" in ask(at(draft, step), follow=True).content.decode()
    draft.refresh_from_db()
    assert (draft.status, draft.is_active) == (VersionStatus.DRAFT, False)


def test_a_ready_version_is_retired_when_confirmed(boss: Client) -> None:
    draft = a_draft()
    finish(draft)
    assert b"Yes, retire it" in boss.get(at(draft, "retire")).content
    draft.refresh_from_db()
    assert draft.status == VersionStatus.READY
    boss.post(at(draft, "retire"))
    draft.refresh_from_db()
    assert draft.status == VersionStatus.RETIRED
    assert LogEntry.objects.get().get_change_message() == "Retired."


def test_who_would_lose_the_past_is_told_before(boss: Client) -> None:
    scored_person(30)
    draft = a_draft()
    today = timezone.now().date()
    backfill.backfill(today - timedelta(days=3), today + timedelta(days=1), draft)
    page = boss.get(at(draft, "publish")).content.decode()
    assert "people lose their scores" in page
    assert 'name="warned"' in page
    backfill.backfill(today - timedelta(days=40), today + timedelta(days=1), draft)
    assert "people lose their scores" not in boss.get(at(draft, "publish")).content.decode()


def test_the_past_is_lost_only_by_who_was_told(boss: Client) -> None:
    scored_person(30)
    draft = a_draft()
    today = timezone.now().date()
    backfill.backfill(today - timedelta(days=3), today + timedelta(days=1), draft)
    page = boss.post(at(draft, "publish"), {"confirmed": "yes"}, follow=True).content.decode()
    assert "backfill those days first" in page
    assert versions.active().name == "v1"
    boss.post(at(draft, "publish"), {"confirmed": "yes", "warned": "yes"})
    assert versions.active().name == draft.name


def test_what_people_see_is_not_retired(boss: Client) -> None:
    boss.post(at(versions.active(), "retire"))
    assert versions.active().status == VersionStatus.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_from_the_draft_to_what_people_see(boss: Client, tasks_at_once: None) -> None:
    """The whole way, each step through its page; looking at a page takes no step."""
    user = scored_person(30, name="Ada Muster")
    before = standing_of(user, timezone.now())
    assert before.version == "v1"
    data = typed(boss) | {
        "pillars__biometric__weight": "0.9",
        "pillars__behavioral__half_life_days": "2",
    }
    boss.post(ADD, data)
    draft = ScoringVersion.objects.get(name="v2")

    assert boss.post(at(draft, "try"), {"people": "5", "days": "10"}).context["trial"].compared == 1
    for step in ("change", "try", "backfill", "publish"):
        boss.get(at(draft, step))
    assert not MomentumPillar.objects.filter(version="v2").exists()
    assert not Backfill.objects.exists()

    days = backfills.usual_days()
    answer = boss.post(at(draft, "backfill"), days)
    run = Backfill.objects.get()
    assert answer["Location"] == of(run)
    assert (run.status, run.people_done, run.people_total) == (BackfillStatus.DONE, 1, 1)
    draft.refresh_from_db()
    assert draft.status == VersionStatus.READY
    assert standing_of(user, timezone.now()).version == "v1"

    page = boss.get(at(draft, "publish")).content.decode()
    assert "1 person goes from" in page
    assert standing_of(user, timezone.now()).version == "v1"
    boss.post(at(draft, "publish"))
    after = standing_of(user, timezone.now())
    assert after.version == "v2"
    assert after.overall is not None
    assert after.overall != pytest.approx(before.overall)
    assert ScoringVersion.objects.get(name="v1").status == VersionStatus.READY
    assert "Published." in [entry.get_change_message() for entry in LogEntry.objects.all()]


# --- Who may ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["try", "backfill", "publish", "retire"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_only_look_takes_no_step(onlooker: Client, step: str, method: str) -> None:
    draft = a_draft()
    finish(draft)
    answer = getattr(onlooker, method)(
        at(draft, step), {"first": "2026-01-01", "last": "2026-01-02"}
    )
    assert answer.status_code == 403
    draft.refresh_from_db()
    assert draft.status == VersionStatus.READY
    assert Backfill.objects.count() == 1


def test_who_may_only_look_sees_numbers_and_no_buttons(onlooker: Client) -> None:
    draft = a_draft()
    page = onlooker.get(at(draft))
    assert page.status_code == 200
    assert b"Try on a sample" not in page.content
    assert b'<input type="number"' not in page.content
    assert onlooker.post(at(draft), {"name": "mine"}).status_code == 403
    assert onlooker.get(ADD).status_code == onlooker.post(ADD, {}).status_code == 403
    run = a_run(draft)
    for step in ("stop", "resume"):
        assert onlooker.get(of(run, step)).status_code == 403
        assert onlooker.post(of(run, step)).status_code == 403
    assert b"Stop" not in onlooker.get(of(run)).content


def test_without_the_right_there_is_nothing_to_see() -> None:
    client, _ = member()
    draft = a_draft()
    run = a_run(draft)
    for address in (LIST, at(draft), of(run), of(run, "progress")):
        assert client.get(address).status_code == 403


def test_the_list_asks_as_often_for_many_as_for_one(
    boss: Client, django_assert_max_num_queries: object
) -> None:
    scored_person(5)
    finish(a_draft())
    page = boss.get(LIST).content.decode()
    assert "Done: 1 of 1 people" in page
    for number in range(3, 9):
        finish(a_draft(f"v{number}"))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert boss.get(LIST).status_code == 200
