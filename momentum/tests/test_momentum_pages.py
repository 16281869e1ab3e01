"""The pages of momentum: honest when there is nothing, clear when there is."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.charts import ChartKind, draw
from momentum.course import DayCell, calendar, overall_line, pillar_lines
from momentum.models import MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring.versions import active
from momentum.tests.factories import TrackedUserFactory
from momentum.tests.scored import scored_person

pytestmark = pytest.mark.django_db


def web(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(user: User, path: str = "/momentum/") -> str:
    answer = web(user).get(path)
    assert answer.status_code == 200, answer.content[:400]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_nobody_sees_it_unsigned(client: Client) -> None:
    for path in ("/momentum/", "/momentum/day/2026-11-01/", "/momentum/versions/"):
        assert client.get(path).status_code == 302


def test_without_consent_it_says_so_and_leads_to_where_it_is_given() -> None:
    said = page(UserFactory())
    assert "Momentum is off" in said
    assert 'href="/settings/consent/"' in said
    assert "big-number" not in said


def test_a_withdrawn_consent_shows_no_score_even_before_it_is_deleted() -> None:
    user = scored_person()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert "big-number" not in page(user)
    day = local_day(user)
    assert "No score on this day" in page(user, f"/momentum/day/{day}/")


def test_nothing_yet_says_how_it_begins() -> None:
    said = page(TrackedUserFactory())
    assert "No score yet" in said
    assert 'href="/habits/"' in said


def test_the_score_its_direction_and_what_moved_it_stand_on_top() -> None:
    user = scored_person()
    row = MomentumPillar.objects.filter(user=user).latest("date")
    said = page(user)
    assert f'<span class="big-number">{row.overall_score:.0f}</span>' in said
    # The direction is a word and an arrow, never a colour alone.
    assert re.search(r"direction--\w+\"><svg.*?</svg>\w+", said)
    assert "Provisional" in said
    assert "What moved it" in said
    assert "Action steps" in said


def test_somebody_new_reads_how_many_days_are_missing() -> None:
    said = page(scored_person(days=5))
    assert "Calibrating" in said
    assert re.search(r'<progress class="progress" max="14" value="5"', said)


def test_every_pillar_is_explained_and_one_without_data_leads_to_where_it_comes_from() -> None:
    said = page(scored_person())
    for title in ("Mind", "Action", "Connection", "Body"):
        assert f">{title}</h3>" in said
    assert "The habits you did" in said


@pytest.mark.parametrize(("asked", "points"), [("7", 7), ("90", 90), ("365", 365), ("5", 30)])
def test_the_course_shows_the_asked_period(asked: str, points: int) -> None:
    said = page(scored_person(), f"/momentum/?days={asked}")
    chart = said.split('id="course"')[1].split("</figure>")[0]
    assert chart.count("chart__hit") == points
    assert '<table class="table">' in chart


@pytest.mark.parametrize(
    "query", ["?days=abc", "?days=²", "?until=soon", "?until=0001-01-01", "?until=9999-12-31"]
)
def test_odd_wishes_are_passed_over(query: str) -> None:
    assert "big-number" in page(scored_person(), f"/momentum/{query}")


def test_the_calendar_leads_to_every_day_but_not_into_the_future() -> None:
    user = scored_person()
    today = local_day(user)
    said = page(user)
    assert f'href="/momentum/day/{today}/"' in said
    assert f'href="/momentum/day/{today - timedelta(days=9)}/"' in said
    assert f"/momentum/day/{today + timedelta(days=1)}/" not in said
    assert "Earlier" in said


def test_a_day_shows_each_signal_and_the_points_add_up() -> None:
    user = scored_person()
    today = local_day(user)
    said = page(user, f"/momentum/day/{today - timedelta(days=2)}/")
    assert "Action steps" in said
    assert "What was told" in said
    body = said.split("<tbody>")[1].split("</tbody>")[0]
    foot = said.split("<tfoot>")[1].split("</tfoot>")[0]
    assert sum(_points(body)) == pytest.approx(sum(_points(foot)), abs=0.05)


def _points(html: str) -> list[float]:
    found = re.findall(r'aria-hidden="true">([+−±][\d.]+)</span>', html)
    return [float(one.replace("−", "-").replace("±", "")) for one in found]


def test_a_revised_day_says_why() -> None:
    user = scored_person()
    day = local_day(user) - timedelta(days=9)
    MomentumPillar.objects.filter(user=user, date=day).update(
        finalized_at=timezone.now(),
        revised_at=timezone.now(),
        revision_reason="Sleep of 3 Nov arrived on 9 Nov",
    )
    said = page(user, f"/momentum/day/{day}/")
    assert "Revised" in said
    assert "Sleep of 3 Nov arrived on 9 Nov" in said


def test_days_lead_to_their_neighbours() -> None:
    user = scored_person()
    today = local_day(user)
    said = page(user, f"/momentum/day/{today}/")
    assert f'rel="prev" href="/momentum/day/{today - timedelta(days=1)}/"' in said
    assert 'rel="next"' not in said


def test_a_day_to_come_and_a_day_that_is_none_are_not_there() -> None:
    user = scored_person()
    tomorrow = local_day(user) + timedelta(days=1)
    for path in (f"/momentum/day/{tomorrow}/", "/momentum/day/2026-02-31/", "/momentum/day/x/"):
        assert web(user).get(path).status_code == 404


@pytest.mark.parametrize(("day", "status"), [("0001-01-01", 404), ("2000-01-02", 200)])
def test_a_day_of_long_ago_has_no_score(day: str, status: int) -> None:
    assert web(TrackedUserFactory()).get(f"/momentum/day/{day}/").status_code == status


def test_what_another_person_did_is_nowhere() -> None:
    user = scored_person()
    other = TrackedUserFactory()
    said = page(other, f"/momentum/day/{local_day(user)}/")
    assert "No score on this day" in said


def test_versions_are_listed_without_drafts() -> None:
    user = scored_person()
    ScoringVersion.objects.create(name="draft-x", parameters={}, notes="secret")
    said = page(user, "/momentum/versions/")
    assert "The one you see" in said
    assert active().name in said
    assert "draft-x" not in said
    assert "secret" not in said


def test_with_several_versions_the_day_stands_under_both() -> None:
    user = scored_person()
    first = active()
    ScoringVersion.objects.create(
        name="v2", parameters=first.parameters, status=VersionStatus.READY, notes="Gentler."
    )
    said = page(user, "/momentum/versions/")
    assert "Gentler." in said
    assert "under both" in said
    assert "big-number" not in page(user, "/momentum/versions/?a=v2&b=v2&day=2026-01-01")


def test_the_navigation_leads_here() -> None:
    assert 'href="/momentum/" aria-current="page"' in page(scored_person())


# --- The course by itself -------------------------------------------------------------------------
def test_days_without_a_score_are_gaps_not_zeros() -> None:
    rows = [MomentumPillar(date=date(2026, 3, 1), overall_score=50.0)]
    line = overall_line(rows, date(2026, 3, 1), date(2026, 3, 3))
    assert [point.value for point in line.points] == [50.0, None, None]
    assert draw(ChartKind.LINE, [line], title="A").rows[0] == ["3 Mar", "no score"]


def test_a_pillar_that_never_had_a_score_is_not_drawn() -> None:
    rows = [MomentumPillar(date=date(2026, 3, 1), behavioral_score=50.0)]
    lines = pillar_lines(rows, date(2026, 3, 1), date(2026, 3, 3))
    assert [line.name for line in lines] == ["Action"]


@given(st.floats(0, 100))
def test_a_step_rises_with_the_score(score: float) -> None:
    step = DayCell(date(2026, 3, 1), score, is_ahead=False, is_revised=False).step
    assert step is not None
    assert 0 <= step <= 4
    assert step * 20 <= score + 1e-9 or score == 100


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-400, 400))
@pytest.mark.django_db
def test_a_calendar_is_five_whole_weeks(today: date, away: int) -> None:
    shown = calendar(
        User(pk="00000000-0000-0000-0000-000000000001"), today, today + timedelta(days=away)
    )
    days = [cell.day for week in shown.weeks for cell in week]
    assert len(days) == 35
    assert days[0].weekday() == 0
    assert days[-1] - days[0] == timedelta(days=34)
    assert min(today, today + timedelta(days=away)) in days
    assert all(cell.is_ahead == (cell.day > today) for week in shown.weeks for cell in week)
    assert shown.later is None or shown.later <= today


@pytest.mark.parametrize("path", ["/momentum/?days=365", "/today/tiles/momentum.score/"])
def test_a_long_history_costs_no_more_queries_than_a_short_one(path: str) -> None:
    def queries(user: User) -> int:
        client = web(user)
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    assert queries(scored_person(60)) <= queries(scored_person(16)) + 1
