"""What people, clients, staff's segments and the coach see of the measures."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.toolkit import known_fields, segments
from productivity import changing
from productivity.features import online
from productivity.features.groups import IN_BETWEEN, NAMES
from productivity.features.numbers import NUMBERS
from productivity.models import FeatureSnapshot
from productivity.tests.test_features_keeping import agree, busy, somebody

pytestmark = pytest.mark.django_db
API = "/api/v1/productivity/features/"
DAY = timedelta(days=1)


def visitor(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def measured(**fields: Any) -> User:
    """Somebody with a fortnight of tasks of whom everything is known."""
    user = somebody(**fields)
    now = timezone.now()
    busy(user, 14, start=now - 15 * DAY)
    online.update(user.pk, now)
    return user


def a_score(user: User, low: float, day: datetime | None = None, **fields: Any) -> FeatureSnapshot:
    at = (day or timezone.now()).astimezone(UTC).date()
    values = {"procrastination_score": low + 5, "score_low": low, "score_high": low + 10}
    return FeatureSnapshot.objects.create(user=user, date=at, **(values | fields))


# --- The page -----------------------------------------------------------------------------------
def test_without_consent_the_page_says_what_it_would_be_and_where_to_say_yes() -> None:
    user = UserFactory()
    FeatureSnapshot.objects.create(user=user, date=timezone.now().date(), tasks_seen=7_654_321)
    page = visitor(user).get(reverse("how_you_work")).content.decode()
    assert "Nothing is measured" in page
    assert reverse("settings_consent") in page
    assert "7654321" not in page
    assert "7,654,321" not in page


def test_before_the_first_task_the_page_says_what_is_missing() -> None:
    page = visitor(somebody()).get(reverse("how_you_work")).content.decode()
    assert "Nothing to tell yet" in page
    assert f"{NUMBERS.fewest_tasks} more tasks" in page


def test_with_few_tasks_it_is_too_early_to_say() -> None:
    user = somebody()
    busy(user, 3, start=timezone.now() - 4 * DAY)
    online.update(user.pk, timezone.now())
    page = visitor(user).get(reverse("how_you_work")).content.decode()
    assert "too early to say" in page
    assert f"{NUMBERS.fewest_tasks - 3} more tasks" in page
    assert "of 100" not in page


def test_the_page_tells_the_score_with_its_interval_its_parts_and_the_rhythm() -> None:
    user = measured()
    row = FeatureSnapshot.objects.get(user=user)
    page = visitor(user).get(reverse("how_you_work")).content.decode()
    assert f"between {row.score_low:.0f} and {row.score_high:.0f}" in page
    assert "0 of 14 due moments passed" in page
    assert "The same as a table" in page
    assert "home" in page


def test_an_unknown_group_and_a_known_one_are_said_plainly() -> None:
    user = measured()
    address = reverse("how_you_work")
    assert "No group yet" in visitor(user).get(address).content.decode()
    FeatureSnapshot.objects.filter(user=user).update(cluster_label="plans ahead")
    assert "time to spare" in visitor(user).get(address).content.decode()


def test_deleting_takes_the_measures_of_this_person_alone_and_never_by_a_link() -> None:
    user, other = measured(), measured()
    client, address = visitor(user), reverse("how_you_work_forget")
    assert client.get(address).status_code == 405
    assert FeatureSnapshot.objects.filter(user=user).exists()
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 302
    assert not FeatureSnapshot.objects.filter(user=user).exists()
    assert FeatureSnapshot.objects.filter(user=other).exists()
    assert user.tasks.count() == 14


def test_strangers_are_asked_to_sign_in() -> None:
    assert Client().get(reverse("how_you_work")).status_code == 302
    assert Client().get(API).status_code in (401, 403)


def test_no_word_judges() -> None:
    user = measured()
    words = visitor(user).get(reverse("how_you_work")).content.decode().casefold()
    words += " ".join([*(name.label + name.meaning for name in NAMES), *IN_BETWEEN]).casefold()
    for word in ("lazy", "bad ", "fail", "worse", "guilt", "should have", "weak"):
        assert word not in words


# --- The interface for clients ------------------------------------------------------------------
def test_the_newest_day_comes_first_and_pages_are_bounded() -> None:
    user = measured()
    for back in range(1, 4):
        a_score(user, 10, timezone.now() - (back + 3) * DAY)
    client = visitor(user)
    first = client.get(API, {"page_size": 2}).json()
    days = [row["date"] for row in first["results"]]
    assert days == sorted(days, reverse=True)
    assert len(days) == 2
    rest = client.get(first["next"]).json()
    assert len(rest["results"]) == 2
    assert rest["next"] is None
    assert client.get(API, {"page_size": "1000000"}).status_code == 400
    newest = first["results"][0]
    assert newest["parts"][0]["key"] == "late"
    assert len(newest["rhythm"]) == 7
    assert newest["missing"] == ""


def test_an_unchanged_answer_is_not_sent_again() -> None:
    client = visitor(measured())
    answer = client.get(API)
    again = client.get(API, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_from_the_moment_of_withdrawal_nothing_is_answered() -> None:
    user = measured()
    client = visitor(user)
    assert len(client.get(API).json()["results"]) == 1
    agree(user, granted=False)
    assert client.get(API).json()["results"] == []


def test_nobody_reads_the_measures_of_another() -> None:
    measured()
    assert visitor(somebody()).get(API).json()["results"] == []


# --- The segment --------------------------------------------------------------------------------
def found_in_segment() -> set[Any]:
    return set(segments.get("productivity.procrastinating")().values_list("pk", flat=True))


def test_only_whose_score_is_high_beyond_doubt_fresh_and_agreed_is_in_the_segment() -> None:
    high, unsure, old, refused, staff, better = (UserFactory() for _ in range(6))
    for user in (high, unsure, old, staff, better):
        agree(user)
    agree(refused, granted=False)
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    mark = NUMBERS.clearly_high
    for user in (high, refused, staff):
        a_score(user, mark)
    a_score(unsure, mark - 0.1, procrastination_score=90, score_high=99)
    a_score(old, mark + 20, timezone.now() - (NUMBERS.fresh_days + 2) * DAY)
    a_score(better, mark + 20, timezone.now() - DAY)
    a_score(better, 2)
    assert found_in_segment() == {high.pk}


# --- What the coach knows -----------------------------------------------------------------------
def test_the_coach_knows_when_things_get_done_and_says_no_number_as_a_verdict() -> None:
    user = measured()
    known = known_fields.get("productivity.peak_productivity_times").read(user, timezone.now())
    assert known is not None
    assert known.words.startswith("Gets most tasks done between")
    assert known.evidence
    hard = known_fields.get("productivity.struggle_patterns").read(user, timezone.now())
    assert hard is None


def test_what_is_hard_is_said_as_a_hint_for_what_helps() -> None:
    user, now = somebody(), timezone.now()
    for day in range(14):
        at = now - (16 - day) * DAY
        fields = {"title": "Write", "due_at": at + DAY / 2}
        task = changing.create(user, fields, source="web", now=at)
        changing.complete(user, task.pk, source="web", now=at + 2 * DAY)
    online.update(user.pk, now)
    known = known_fields.get("productivity.struggle_patterns").read(user, now)
    assert known is not None
    assert "smaller steps" in known.words
    assert not any(letter.isdigit() for letter in known.words)
    assert known_fields.get("productivity.struggle_patterns").read(user, now + 30 * DAY) is None
    agree(user, granted=False)
    assert known_fields.get("productivity.struggle_patterns").read(user, now) is None
