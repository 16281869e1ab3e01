"""Momentum over REST: bounded, one's own, and the same as the page says."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from momentum.models import MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring.versions import active
from momentum.tests.factories import TrackedUserFactory
from momentum.tests.scored import scored_person

pytestmark = pytest.mark.django_db
API = "/api/v1/momentum/"
READS = ["pillars/", "today/", "versions/", "insights/", "charts/overall.json"]


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def get(user: User, path: str, **query: Any) -> Any:
    return api(user).get(API + path, query)


def refused(user: User, path: str, **query: object) -> dict[str, Any]:
    answer = get(user, path, **query)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    errors: dict[str, Any] = answer.json()["errors"]
    return errors


# --- Pillars --------------------------------------------------------------------------------------
def test_the_scores_come_newest_first_and_in_pages() -> None:
    user = scored_person()
    first = get(user, "pillars/", page_size=5).json()
    days = [row["date"] for row in first["results"]]
    assert days == sorted(days, reverse=True)
    assert days[0] == str(local_day(user))
    assert len(days) == 5
    second = api(user).get(first["next"]).json()
    assert second["results"][0]["date"] < days[-1]


def test_a_range_holds_its_own_days_only() -> None:
    user = scored_person()
    last = local_day(user) - timedelta(days=3)
    first = last - timedelta(days=4)
    found = get(user, "pillars/", **{"from": first, "to": last}).json()["results"]
    assert len(found) == 5
    assert found[0]["overall_score"] is not None
    assert found[0]["is_provisional"] is True


def test_reading_many_days_costs_as_many_queries_as_reading_few(
    django_assert_max_num_queries: Any,
) -> None:
    user = scored_person(60)
    client = api(user)
    client.get(API + "pillars/", {"page_size": 1})
    with django_assert_max_num_queries(6):
        assert len(client.get(API + "pillars/", {"page_size": 60}).json()["results"]) > 50


@pytest.mark.parametrize(
    "path", ["pillars/", "charts/overall.json", "charts/pillars.svg", "charts/overall.png"]
)
def test_impossible_ranges_are_refused_in_words(path: str) -> None:
    user = TrackedUserFactory()
    assert "from" in refused(user, path, **{"from": "2026-11-02", "to": "2026-11-01"})
    assert "from" in refused(user, path, **{"from": "2024-01-01", "to": "2026-11-01"})
    assert "to" in refused(user, path, to="yesterday")
    assert "to" in refused(user, path, to="2026-02-31")
    assert "from" in refused(user, path, **{"from": "0001-01-01"})
    assert "to" in refused(user, path, to="9999-12-31")
    assert "version" in refused(user, path, version="v999")
    assert "version" in refused(user, path, version="v\0")
    assert get(user, path, **{"from": "2025-10-01", "to": "2026-11-01"}).status_code == 200


def test_a_draft_is_nobodys_version_yet() -> None:
    ScoringVersion.objects.create(name="secret", parameters={})
    user = TrackedUserFactory()
    assert "version" in refused(user, "pillars/", version="secret")
    assert "secret" not in str(get(user, "versions/").json())


def test_a_version_beside_the_published_one_can_be_asked_for() -> None:
    user = scored_person()
    ScoringVersion.objects.create(
        name="v2", parameters=active().parameters, status=VersionStatus.READY
    )
    MomentumPillar.objects.create(user=user, date=local_day(user), version="v2", overall_score=1.0)
    found = get(user, "pillars/", version="v2").json()["results"]
    assert [row["overall_score"] for row in found] == [1.0]


# --- Whose it is ----------------------------------------------------------------------------------
def test_nobody_reads_it_unsigned() -> None:
    for path in READS:
        assert APIClient().get(API + path).status_code in {401, 403}


def test_nobody_reads_another_persons_scores() -> None:
    user, other = scored_person(), TrackedUserFactory()
    day = local_day(user)
    assert get(user, f"days/{day}/explain/").status_code == 200
    assert get(other, f"days/{day}/explain/").status_code == 404
    assert get(other, "pillars/").json()["results"] == []
    lines = get(other, "charts/overall.json").json()["lines"]
    assert all(point["value"] is None for line in lines for point in line["points"])


def test_who_withdrew_reads_no_score_from_then_on() -> None:
    user = scored_person()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.API)
    assert get(user, "today/").json()["gap"] == "no_consent"
    assert get(user, "today/").json()["overall"] is None
    assert get(user, "pillars/").json()["results"] == []
    assert get(user, f"days/{local_day(user)}/explain/").status_code == 404
    lines = get(user, "charts/overall.json").json()["lines"]
    assert all(point["value"] is None for line in lines for point in line["points"])


# --- Today, a day, insights -----------------------------------------------------------------------
def test_today_says_the_same_as_the_stored_day() -> None:
    user = scored_person()
    row = MomentumPillar.objects.filter(user=user).latest("date")
    told = get(user, "today/").json()
    assert told["overall"] == pytest.approx(row.overall_score)
    assert told["direction"] == row.direction
    assert len(told["pillars"]) == 4
    assert told["gap"] is None


def test_the_points_of_a_day_sum_to_its_change() -> None:
    user = scored_person()
    told = get(user, f"days/{local_day(user) - timedelta(days=1)}/explain/").json()
    assert sum(pillar["points"] for pillar in told["pillars"]) == pytest.approx(told["change"])
    kinds = [kind["kind"] for pillar in told["pillars"] for kind in pillar["kinds"]]
    assert "action_step" in kinds


@pytest.mark.parametrize("day", ["2026-02-31", "0001-01-01", "2000-01-01", "9999-12-31", "today"])
def test_days_that_have_no_score_are_not_there(day: str) -> None:
    answer = get(TrackedUserFactory(), f"days/{day}/explain/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_insights_are_honest_when_it_is_too_early() -> None:
    told = get(scored_person(3), "insights/").json()
    assert told["found"] == []
    assert told["words"]


def test_a_difference_needs_two_versions_that_are_there() -> None:
    user = scored_person()
    assert set(refused(user, "versions/difference/")) == {"a", "b"}
    assert "b" in refused(user, "versions/difference/", a="v1", b="nope")


def test_a_day_stands_under_two_versions() -> None:
    user = scored_person()
    ScoringVersion.objects.create(
        name="v2", parameters=active().parameters, status=VersionStatus.READY
    )
    told = get(user, "versions/difference/", a=active().name, b="v2").json()
    assert told["first"]["version"] == active().name
    assert told["second"] is None


# --- Not changed ----------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [*READS, "charts/pillars.svg"])
def test_what_did_not_change_is_not_sent_twice(path: str) -> None:
    user = scored_person()
    # Far from midnight or not: the answer of one moment is compared with the next one's.
    first = get(user, path)
    again = api(user).get(API + path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    assert again.content == b""


def test_a_changed_score_is_sent_anew() -> None:
    user = scored_person()
    tag = get(user, "pillars/")["ETag"]
    MomentumPillar.objects.filter(user=user).update(overall_score=1.5, scored_at=timezone.now())
    again = api(user).get(API + "pillars/", HTTP_IF_NONE_MATCH=tag)
    assert again.status_code == 200
    assert again.json()["results"][0]["overall_score"] == 1.5


# --- Charts ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("series", ["overall", "pillars", "momentum.overall", "habits.completions"])
def test_every_series_comes_as_data_as_svg_and_as_png(series: str) -> None:
    user = scored_person()
    data = get(user, f"charts/{series}.json").json()
    assert data["lines"][0]["points"][-1]["day"] == str(local_day(user))
    assert len(data["lines"][0]["points"]) == 90
    svg = get(user, f"charts/{series}.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<svg")
    png = api(user).get(f"{API}charts/{series}.png", HTTP_ACCEPT="image/*")
    assert png["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(png.content)).width == 800


@pytest.mark.parametrize("series", ["nothing", "habits", "overall.x", "%00"])
def test_a_series_nobody_declared_is_not_there(series: str) -> None:
    for kind in ("json", "svg", "png"):
        assert get(UserFactory(), f"charts/{series}.{kind}").status_code == 404


def test_the_calls_are_described_with_examples() -> None:
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(public=True)["paths"]
    ours = {path: one for path, one in paths.items() if path.startswith("/api/v1/momentum/")}
    for name in (
        "pillars/",
        "today/",
        "days/{day}/explain/",
        "versions/",
        "versions/difference/",
        "insights/",
    ):
        answer = ours[f"{API}{name}"]["get"]["responses"]["200"]["content"]["application/json"]
        assert answer["examples"], name
    assert "image/png" in ours[f"{API}charts/{{series}}.png"]["get"]["responses"]["200"]["content"]


def test_no_shape_of_ours_has_the_name_of_anothers() -> None:
    from drf_spectacular.generators import SchemaGenerator

    schemas = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
    assert "found" in schemas["MomentumInsights"]["properties"]
    assert "overall" in schemas["MomentumStanding"]["properties"]
    assert "parameters" in schemas["MomentumVersion"]["properties"]
