"""Visits: set, kept, late, missed and taken back, each told once, by whom they belong to only."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from momentum import visits
from momentum.coach.visits import visit_tile
from momentum.models import MomentumEvent, VisitAdherenceLog, VisitKind, VisitStatus

from .factories import TrackedUserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
AT = datetime(2026, 10, 6, 13, 0, tzinfo=UTC)


@pytest.fixture
def person():
    return TrackedUserFactory()


@pytest.fixture
def visit(person):
    return visits.schedule(person, AT, now=NOW)


def told(user):
    rows = RawBehavioralLog.objects.filter(user=user, interaction_type__startswith="visit.")
    return [(row.interaction_type, row.raw_data) for row in rows.order_by("id")]


def minutes(number):
    return AT + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("began", "status", "late"),
    [(-5, "attended", 0), (0, "attended", 0), (10, "attended", 10), (11, "late", 11)],
)
def test_coming_is_attended_and_beyond_ten_minutes_late(person, visit, began, status, late):
    kept = visits.attend(visit.visit_id, minutes(began), source="web")
    assert kept.status == status
    [(name, data)] = told(person)
    assert name == f"visit.{status}"
    assert data["minutes_late"] == late
    assert data["visit"] == str(visit.visit_id)
    assert data["local_date"] == "2026-10-06"


def test_the_same_attendance_twice_is_told_once(person, visit):
    visits.attend(visit.visit_id, minutes(2), source="web")
    visits.attend(visit.visit_id, minutes(2), source="call")
    assert len(told(person)) == 1


def test_an_attendance_corrected_and_corrected_back_is_told_each_time(person, visit):
    for moment in (2, 30, 2):
        visits.attend(visit.visit_id, minutes(moment), source="web")
    assert [name for name, _ in told(person)] == ["visit.attended", "visit.late", "visit.attended"]


def test_nobody_coming_for_an_hour_is_missed_and_told_once(person, visit):
    assert visits.mark_those_missed(now=minutes(59)) == 0
    assert visits.mark_those_missed(now=minutes(60)) == 1
    assert visits.mark_those_missed(now=minutes(90)) == 0
    visit.refresh_from_db()
    assert visit.status == VisitStatus.MISSED
    assert [name for name, _ in told(person)] == ["visit.missed"]


def test_a_missed_visit_can_be_put_right_and_stays_on_its_own_day(person):
    # Late in the evening: an hour later the person's next day may have begun.
    at = datetime(2026, 10, 7, 0, 30, tzinfo=UTC)
    visit = visits.schedule(person, at, now=NOW)
    visits.mark_those_missed(now=at + timedelta(hours=3))
    visits.attend(visit.visit_id, at, source="web")
    assert [data["local_date"] for _, data in told(person)] == ["2026-10-06"] * 2


def test_a_visit_is_not_missed_before_it_begins(visit):
    with pytest.raises(visits.VisitRefused):
        visits.mark_missed(visit.visit_id, source="web", now=minutes(-1))


def test_a_cancelled_visit_is_never_missed_and_cannot_be_attended(person, visit):
    visits.cancel(visit.visit_id, source="web", now=NOW)
    visits.cancel(visit.visit_id, source="web", now=NOW)
    assert visits.mark_those_missed(now=minutes(120)) == 0
    with pytest.raises(visits.VisitRefused):
        visits.attend(visit.visit_id, AT, source="web")
    assert [name for name, _ in told(person)] == ["visit.cancelled"]


def test_what_took_place_or_is_over_cannot_be_cancelled(person, visit):
    with pytest.raises(visits.VisitRefused):
        visits.cancel(visit.visit_id, source="web", now=minutes(61))
    visits.attend(visit.visit_id, AT, source="web")
    with pytest.raises(visits.VisitRefused):
        visits.cancel(visit.visit_id, source="web", now=NOW)


def test_an_open_visit_moves_and_only_for_its_owner(person, visit):
    key = visit.visit_id
    moved = visits.schedule(person, minutes(60), now=NOW, visit_id=key)
    assert (moved.pk, moved.scheduled_time) == (visit.pk, minutes(60))
    with pytest.raises(visits.VisitRefused):
        visits.schedule(UserFactory(), AT, now=NOW, visit_id=key)
    with pytest.raises(visits.VisitRefused):
        visits.schedule(person, AT, now=NOW, visit_id=key, kind=VisitKind.AI_CALL)
    with pytest.raises(visits.VisitRefused):
        visits.schedule(person, NOW, now=NOW)
    visits.cancel(key, source="web", now=NOW)
    with pytest.raises(visits.VisitRefused):
        visits.schedule(person, AT, now=NOW, visit_id=key)
    assert VisitAdherenceLog.objects.count() == 1


def test_without_consent_the_visit_stands_and_nothing_is_told():
    person = UserFactory()
    visit = visits.schedule(person, AT, now=NOW)
    assert visits.attend(visit.visit_id, AT, source="web").status == VisitStatus.ATTENDED
    assert told(person) == []


@pytest.mark.django_db(transaction=True)
def test_missed_and_attended_at_once_end_as_attended(person, visit):
    ready = threading.Barrier(2)

    def come():
        ready.wait()
        visits.attend(visit.visit_id, AT, source="call")
        connection.close()

    def sweep():
        ready.wait()
        visits.mark_those_missed(now=minutes(61))
        connection.close()

    threads = [threading.Thread(target=come), threading.Thread(target=sweep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    visit.refresh_from_db()
    assert visit.status == VisitStatus.ATTENDED
    assert told(person)[-1][0] == "visit.attended"


def test_the_tile_shows_the_next_visit_and_nothing_else(person, visit):
    later = visits.schedule(person, minutes(600), now=NOW)
    assert visit_tile(person, NOW) == {"visit": visit}
    assert visit_tile(person, minutes(59)) == {"visit": visit}
    assert visit_tile(person, minutes(60)) == {"visit": later}
    assert visit_tile(person, NOW - timedelta(days=20)) is None
    assert visit_tile(UserFactory(), NOW) is None


@pytest.fixture
def soon(person):
    now = timezone.now()
    return visits.schedule(person, now + timedelta(hours=2), now=now)


def test_the_page_shows_visits_and_takes_one_back(client, person, soon):
    client.force_login(person)
    shown = client.get(reverse("visits"))
    assert "Coming up" in shown.text
    client.post(reverse("visit_cancel", args=[soon.visit_id]))
    soon.refresh_from_db()
    assert soon.status == VisitStatus.CANCELLED
    assert "Cancelled" in client.get(reverse("visits")).text


def test_the_tile_stands_on_today(client, person, soon):
    client.force_login(person)
    assert reverse("visits") in client.get(reverse("today")).text


def test_visits_of_others_are_not_there(client, soon):
    client.force_login(UserFactory())
    assert client.post(reverse("visit_cancel", args=[soon.visit_id])).status_code == 404
    assert client.post(f"/api/v1/momentum/visits/{soon.visit_id}/cancel/").status_code == 404
    assert client.get(f"/api/v1/momentum/visits/{soon.visit_id}/").status_code == 404
    assert client.get("/api/v1/momentum/visits/").json()["results"] == []


def test_the_api_lists_and_cancels(client, person, soon):
    client.force_login(person)
    [row] = client.get("/api/v1/momentum/visits/").json()["results"]
    assert (row["visit_id"], row["status"]) == (str(soon.visit_id), "scheduled")
    answer = client.post(f"/api/v1/momentum/visits/{soon.visit_id}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert client.post(f"/api/v1/momentum/visits/{soon.visit_id}/cancel/").status_code == 200
    kept = visits.schedule(person, timezone.now() + timedelta(hours=1), now=timezone.now())
    with pytest.raises(visits.VisitRefused):
        visits.attend(kept.visit_id, kept.scheduled_time, source="web")
    visits.attend(kept.visit_id, kept.scheduled_time, source="web", now=kept.scheduled_time)
    answer = client.post(f"/api/v1/momentum/visits/{kept.visit_id}/cancel/")
    assert (answer.status_code, answer.json()["code"]) == (409, "visit_not_open")
    assert client.post(f"/api/v1/momentum/visits/{uuid4()}/cancel/").status_code == 404


@pytest.mark.parametrize(("began", "score"), [(0, 1.0), (20, 0.8), (None, 0.0)])
def test_what_came_of_a_visit_counts_on_its_day(person, visit, began, score):
    if began is None:
        visits.mark_those_missed(now=minutes(61))
    else:
        visits.attend(visit.visit_id, minutes(began), source="web")
    event = MomentumEvent.objects.get(user=person)
    assert (event.tag, event.pillar, event.local_date) == ("visit", "relational", AT.date())
    assert (event.normalized_score, event.units) == (pytest.approx(score), 1)


def test_a_missed_visit_put_right_counts_once_and_as_kept(person, visit):
    visits.mark_those_missed(now=minutes(61))
    visits.attend(visit.visit_id, AT, source="web")
    assert MomentumEvent.objects.get(user=person).normalized_score == 1
