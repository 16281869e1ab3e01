"""What staff see of the measures and models: their own people, every reading written down, and no change by a link."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.tests.factories import StaffFactory, UserFactory
from productivity.admin.features import drift_chart
from productivity.features import finding, training
from productivity.models import BehaviorModel, FeatureSnapshot
from productivity.tests.test_features_training import kept, table

pytestmark = pytest.mark.django_db


def staff(*, is_superuser: bool = False) -> tuple[User, Client]:
    user = StaffFactory(is_superuser=is_superuser)
    names = ["view_featuresnapshot", "view_behaviormodel"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return user, client


def a_model(**fields: object) -> BehaviorModel:
    found = finding.find(table())
    assert found is not None
    return kept(found, **fields)


def test_a_coach_sees_only_their_own_people_and_reading_is_written_down() -> None:
    coach, client = staff()
    mine = UserFactory(coach=coach, name="Mine Own")
    other = UserFactory(name="Other One")
    rows = [
        FeatureSnapshot.objects.create(user=user, date=timezone.now().date())
        for user in (mine, other)
    ]
    page = client.get(reverse("admin:productivity_featuresnapshot_changelist")).content.decode()
    assert "Mine Own" in page
    assert "Other One" not in page
    assert "Too early to say" in page
    for row, status in zip(rows, (200, 302), strict=True):
        address = reverse("admin:productivity_featuresnapshot_change", args=[row.pk])
        assert client.get(address).status_code == status
    assert [entry.subject for entry in AuditEntry.objects.filter(action="read")] == [mine]


def test_a_model_is_put_to_use_by_a_confirmed_post_alone() -> None:
    _, client = staff(is_superuser=True)
    model = a_model()
    for key, will_be in (("activate", True), ("deactivate", False)):
        address = reverse(f"admin:productivity_behaviormodel_{key}", args=[model.pk])
        assert client.get(address).status_code == 200
        model.refresh_from_db()
        assert model.is_active is not will_be
        assert client.post(address).status_code == 302
        model.refresh_from_db()
        assert model.is_active is will_be


def test_a_model_of_made_up_people_is_refused_with_a_sentence() -> None:
    _, client = staff(is_superuser=True)
    model = a_model(metrics={"generated": True})
    address = reverse("admin:productivity_behaviormodel_activate", args=[model.pk])
    page = client.post(address, follow=True).content.decode()
    assert "people who do not exist" in page
    model.refresh_from_db()
    assert not model.is_active


def test_who_may_only_look_changes_nothing() -> None:
    _, client = staff()
    model = a_model()
    address = reverse("admin:productivity_behaviormodel_activate", args=[model.pk])
    assert (
        client.get(reverse("admin:productivity_behaviormodel_change", args=[model.pk])).status_code
        == 200
    )
    assert client.post(address).status_code == 403
    model.refresh_from_db()
    assert not model.is_active


def test_drift_is_shown_as_a_picture_and_as_a_table() -> None:
    _, client = staff(is_superuser=True)
    first = a_model()
    drift = training.drift_of(table(seed=3, shift=8.0), first.parameters, first)
    second = a_model(version=2, drift=drift)
    assert drift_chart(first) is None
    page = client.get(reverse("admin:productivity_behaviormodel_change", args=[second.pk]))
    words = page.content.decode()
    assert "How far the measures have moved" in words
    assert "strongly" in words
    assert client.get(reverse("admin:productivity_behaviormodel_changelist")).status_code == 200
