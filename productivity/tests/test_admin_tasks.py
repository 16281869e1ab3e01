"""What staff see of tasks: their own people's, with a trail, and nothing to change."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tests.factories import StaffFactory
from productivity import changing
from productivity.models import CalendarFeed, Task, TaskEvent, TaskSeries
from productivity.recurrence import Repeat

from .factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
MODELS = (Task, TaskEvent, TaskSeries, CalendarFeed)


@pytest.fixture
def coach():
    call_command("load_groups", verbosity=0)
    user = StaffFactory()
    user.groups.add(*user.groups.model.objects.filter(name="Coaches"))
    return user


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def made(user):
    task = changing.create(
        user,
        {"title": "Call the doctor", "description": "About my knee"},
        source="web",
        now=NOW,
        repeat=Repeat("FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 9)),
    )
    CalendarFeed.objects.create(user=user, token_digest=user.pk.hex * 2)
    return task


def listed(model):
    return reverse(f"admin:productivity_{model._meta.model_name}_changelist")


def page_of(row):
    return reverse(f"admin:productivity_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_coach_sees_own_people_only_and_leaves_a_trail(coach, model):
    own, other = UserFactory(coach=coach, name="Own Person"), UserFactory(name="Other Person")
    made(own)
    made(other)
    client = signed_in(coach)
    seen = client.get(listed(model))
    assert seen.status_code == 200
    assert "Own Person" in seen.content.decode()
    assert "Other Person" not in seen.content.decode()
    mine, theirs = model.objects.get(user=own), model.objects.get(user=other)
    assert client.get(page_of(theirs)).status_code == 302
    assert not AuditEntry.objects.filter(subject=other).exists()
    assert client.get(page_of(mine)).status_code == 200
    assert AuditEntry.objects.get(subject=own).target == model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nobody_changes_what_services_own(model):
    made(UserFactory())
    client = signed_in(StaffFactory(is_superuser=True))
    row = model.objects.get()
    assert client.post(page_of(row), {"title": "x"}).status_code == 403
    assert client.post(page_of(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert client.get(f"{listed(model)}add/").status_code == 403


def test_the_history_can_be_read_on_a_page_and_its_words_stand_in_no_list():
    task = made(UserFactory())
    changing.edit(task.user, task.pk, {"title": "Call Dr. Kim"}, source="web", now=NOW)
    client = signed_in(StaffFactory(is_superuser=True))
    assert "knee" not in client.get(listed(TaskEvent)).content.decode()
    assert "Call the doctor → Call Dr. Kim" in client.get(page_of(task)).content.decode()
    event = task.events.get(event_type="modify")
    assert "Call the doctor → Call Dr. Kim" in client.get(page_of(event)).content.decode()
    feed = CalendarFeed.objects.get()
    assert feed.token_digest not in client.get(page_of(feed)).content.decode()
    assert "every week on Monday" in client.get(listed(TaskSeries)).content.decode()


def test_what_a_person_deleted_is_not_read():
    task = made(UserFactory(name="Own Person"))
    changing.delete(task.user, task.pk, source="web", now=NOW, ends_series=True)
    client = signed_in(StaffFactory(is_superuser=True))
    assert "Own Person" not in client.get(listed(Task)).content.decode()
    assert "Own Person" not in client.get(listed(TaskEvent)).content.decode()
    assert client.get(page_of(task)).status_code == 302
