"""What staff see of momentum: their own people, with a trail; and visits, which coaches set and close."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.tests.factories import StaffFactory
from momentum import visits
from momentum.models import (
    BiometricStream,
    CheckIn,
    JournalEntry,
    MomentumEvent,
    MomentumPillar,
    VisitAdherenceLog,
    VisitStatus,
)
from momentum.tests.scored import scored_person

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "momentum"]
PERSONAL = [model for model in OURS if any(field.name == "user" for field in model._meta.fields)]
VISITS = "/admin/momentum/visitadherencelog/"


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss() -> Client:
    return sign_in(StaffFactory(is_superuser=True))


@pytest.fixture
def coach() -> User:
    """A coach with the rights of the group, as it is set up by the command."""
    call_command("load_groups", verbosity=0)
    user = StaffFactory()
    user.groups.add(*user.groups.model.objects.filter(name="Coaches"))
    return user


@pytest.fixture
def own(coach: User) -> User:
    return scored_person(5, name="Own Person", coach=coach)


@pytest.fixture
def other() -> User:
    return scored_person(5, name="Somebody Else", coach=StaffFactory())


def listed(model: Any) -> str:
    return reverse(f"admin:momentum_{model._meta.model_name}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:momentum_{row._meta.model_name}_change", args=[row.pk])


def stream_of(user: User) -> BiometricStream:
    return BiometricStream.objects.create(
        user=user,
        metric="steps",
        date=timezone.now().date(),
        value=8000,
        unit="steps",
        source="garmin",
        measured_until=timezone.now(),
    )


def _now() -> dict[str, Any]:
    now = timezone.now()
    return {"at": now, "local_date": now.date()}


def journal_of(user: User) -> JournalEntry:
    return JournalEntry.objects.create(user=user, text="<b>A good day</b>", **_now())


def check_in_of(user: User) -> CheckIn:
    return CheckIn.objects.create(user=user, energy=4, motivation=4, **_now())


def score_of(user: User) -> MomentumPillar:
    return MomentumPillar.objects.filter(user=user).latest("date")


def event_of(user: User) -> MomentumEvent:
    found = MomentumEvent.objects.filter(user=user).first()
    assert found is not None
    return found


def visit_of(user: User) -> VisitAdherenceLog:
    now = timezone.now()
    return visits.schedule(user, now + timedelta(hours=1), now=now)


def past_visit_of(user: User) -> VisitAdherenceLog:
    """A visit whose time was half an hour ago."""
    now = timezone.now()
    return visits.schedule(user, now - timedelta(minutes=30), now=now - timedelta(days=1))


MAKERS = [stream_of, journal_of, check_in_of, score_of, event_of, visit_of]


# --- Who sees what ----------------------------------------------------------------------------------
@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_opens(boss: Client, own: User, model: Any) -> None:
    assert boss.get(listed(model)).status_code == 200
    assert boss.get(listed(model), {"q": "own"}).status_code == 200


@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model.__name__)
def test_every_list_opens_for_a_coach(coach: User, own: User, model: Any) -> None:
    assert sign_in(coach).get(listed(model)).status_code == 200


@pytest.mark.parametrize("make", MAKERS)
def test_a_coach_sees_their_own_people_only(
    coach: User, own: User, other: User, make: Callable[[User], Any]
) -> None:
    theirs, strangers = make(own), make(other)
    client = sign_in(coach)
    page = client.get(listed(theirs)).content.decode()
    assert "Own Person" in page
    assert "Somebody Else" not in page
    assert client.get(page_of(theirs)).status_code == 200
    answer = client.get(page_of(strangers))
    assert answer.status_code == 302
    assert b"Somebody Else" not in client.get(page_of(strangers), follow=True).content
    assert not AuditEntry.objects.filter(subject=other).exists()


@pytest.mark.parametrize("make", MAKERS)
def test_opening_a_page_of_a_person_is_written_down(
    coach: User, own: User, make: Callable[[User], Any]
) -> None:
    row = make(own)
    sign_in(coach).get(page_of(row))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject, entry.action) == (coach, own, "read")
    assert entry.target == row._meta.label
    assert entry.detail["id"] == str(row.pk)


def test_the_words_of_a_journal_stand_on_its_page_and_in_no_list(coach: User, own: User) -> None:
    entry = journal_of(own)
    client = sign_in(coach)
    assert b"A good day" not in client.get(listed(entry)).content
    assert not AuditEntry.objects.exists()
    assert "&lt;b&gt;A good day&lt;/b&gt;" in client.get(page_of(entry)).content.decode()


@pytest.mark.parametrize("make", [journal_of, check_in_of])
def test_what_a_person_deleted_is_not_read_by_staff(
    boss: Client, own: User, make: Callable[[User], Any]
) -> None:
    row = make(own)
    type(row).objects.update(deleted_at=timezone.now())
    assert "Own Person" not in boss.get(listed(row)).content.decode()
    assert boss.get(page_of(row)).status_code == 302


@pytest.mark.parametrize("make", [stream_of, journal_of, check_in_of, score_of, event_of])
def test_what_is_a_persons_own_or_derived_is_not_changed(
    boss: Client, own: User, make: Callable[[User], Any]
) -> None:
    row = make(own)
    for address in (page_of(row), page_of(row).replace("change", "delete")):
        assert boss.post(address, {"text": "changed", "post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_coaches_look_at_versions_and_change_none(coach: User) -> None:
    client = sign_in(coach)
    assert client.get("/admin/momentum/scoringversion/").status_code == 200
    assert client.get("/admin/momentum/scoringversion/add/").status_code == 403


@pytest.mark.parametrize("make", MAKERS)
def test_a_longer_list_asks_no_more(boss: Client, own: User, make: Callable[[User], Any]) -> None:
    model = type(make(own))
    address = listed(model)
    boss.get(address)  # what is asked once in the life of a process
    with CaptureQueriesContext(connection) as few:
        boss.get(address)
    for _ in range(4):
        make(scored_person(3, coach=StaffFactory()))
    with CaptureQueriesContext(connection) as many:
        boss.get(address)
    assert len(many) <= len(few)


# --- Visits -----------------------------------------------------------------------------------------
def typed(user: User, *, hours: float = 30) -> dict[str, str]:
    at = timezone.localtime(timezone.now() + timedelta(hours=hours))
    return {
        "user": str(user.pk),
        "scheduled_time_0": f"{at:%Y-%m-%d}",
        "scheduled_time_1": f"{at:%H:%M:%S}",
    }


def act(client: Client, action: str, row: VisitAdherenceLog, *, confirmed: bool = True) -> str:
    data = {"action": action, "_selected_action": [str(row.pk)]}
    if confirmed:
        data["confirmed"] = "yes"
    return client.post(VISITS, data, follow=True).content.decode()


def test_a_coach_sets_a_visit_of_one_of_their_people(coach: User, own: User) -> None:
    answer = sign_in(coach).post(f"{VISITS}add/", typed(own))
    assert answer.status_code == 302
    visit = VisitAdherenceLog.objects.get()
    assert (visit.user, visit.status) == (own, VisitStatus.SCHEDULED)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject, entry.action) == (coach, own, "visit.scheduled")


def test_a_coach_sets_none_of_somebody_elses_even_by_a_forged_id(coach: User, other: User) -> None:
    client = sign_in(coach)
    assert "Somebody Else" not in client.get(f"{VISITS}add/").content.decode()
    answer = client.post(f"{VISITS}add/", typed(other))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["user"]
    assert not VisitAdherenceLog.objects.exists()


def test_a_time_that_is_over_is_refused_beside_its_field(coach: User, own: User) -> None:
    answer = sign_in(coach).post(f"{VISITS}add/", typed(own, hours=-2))
    assert "That time is over" in str(answer.context["adminform"].form.errors["scheduled_time"])
    assert not VisitAdherenceLog.objects.exists()


CLOSINGS = [
    ("note_attended", past_visit_of, VisitStatus.ATTENDED),
    ("note_missed", past_visit_of, VisitStatus.MISSED),
    ("cancel_visits", visit_of, VisitStatus.CANCELLED),
]


@pytest.mark.parametrize(("action", "make", "status"), CLOSINGS)
def test_a_visit_is_closed_only_when_confirmed(
    coach: User, own: User, action: str, make: Callable[[User], Any], status: VisitStatus
) -> None:
    client, visit = sign_in(coach), make(own)
    client.get(VISITS, {"action": action, "_selected_action": str(visit.pk), "confirmed": "yes"})
    assert "Yes, do it" in act(client, action, visit, confirmed=False)
    visit.refresh_from_db()
    assert visit.status == VisitStatus.SCHEDULED
    act(client, action, visit)
    visit.refresh_from_db()
    assert visit.status == status
    assert AuditEntry.objects.get(subject=own).action == f"visit.{status}"


@pytest.mark.parametrize(("action", "make", "status"), CLOSINGS)
def test_a_coach_closes_no_visit_of_somebody_else(
    coach: User, other: User, action: str, make: Callable[[User], Any], status: VisitStatus
) -> None:
    visit = make(other)
    act(sign_in(coach), action, visit)
    visit.refresh_from_db()
    assert visit.status == VisitStatus.SCHEDULED
    assert not AuditEntry.objects.exists()


def test_who_may_only_look_closes_nothing(own: User, coach: User) -> None:
    looker = StaffFactory()
    User.objects.filter(pk=own.pk).update(coach=looker)
    looker.user_permissions.add(Permission.objects.get(codename="view_visitadherencelog"))
    visit = past_visit_of(own)
    act(sign_in(looker), "note_attended", visit)
    assert sign_in(looker).get(f"{VISITS}add/").status_code == 403
    visit.refresh_from_db()
    assert visit.status == VisitStatus.SCHEDULED


def test_what_cannot_be_is_said_and_nothing_happens(coach: User, own: User) -> None:
    client, visit = sign_in(coach), visit_of(own)
    assert "This visit has not begun yet." in act(client, "note_attended", visit)
    visit.refresh_from_db()
    assert visit.status == VisitStatus.SCHEDULED
    assert not AuditEntry.objects.exists()


def test_a_set_visit_is_not_moved_by_its_page_and_not_deleted(coach: User, own: User) -> None:
    client, visit = sign_in(coach), visit_of(own)
    client.post(page_of(visit), typed(own, hours=90))
    client.post(page_of(visit).replace("change", "delete"), {"post": "yes"})
    again = VisitAdherenceLog.objects.get()
    assert again.scheduled_time == visit.scheduled_time
