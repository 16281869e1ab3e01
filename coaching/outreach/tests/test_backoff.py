"""Back-off and the signs that somebody drifts away."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.outreach.backoff import Activity, ChurnSign, backoff, churn_warning

NOW = datetime(2026, 6, 30, 10, 0, tzinfo=UTC)
TODAY = date(2026, 6, 30)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def activity(active_ago: list[int] | None = None, **changes) -> Activity:
    """Somebody who was active so many days ago; without a rhythm unless told."""
    days = sorted(TODAY - timedelta(days=back) for back in active_ago or [])
    given = {"today": TODAY, "last_active_at": ago(0.5), "active_days": tuple(days)}
    return Activity(**{**given, **changes})


@pytest.mark.parametrize(
    ("silence", "wait"),
    [(0, 3), (1.9, 3), (2, 2), (9.9, 2), (10, 6), (29.9, 6), (30, 15), (400, 15)],
)
def test_how_long_a_nudge_rests_follows_from_the_last_activity(silence, wait):
    found = backoff(activity(last_active_at=ago(silence), last_nudge_at=ago(1)), now=NOW)
    assert found.wait_days == wait
    assert found.until == ago(1) + timedelta(days=wait)
    assert found.rests(found.until - timedelta(seconds=1))
    assert not found.rests(found.until)


@given(st.floats(0, 1000), st.none() | st.floats(0, 60))
def test_there_is_a_step_for_every_silence(silence, nudged):
    last = None if nudged is None else ago(nudged)
    found = backoff(activity(last_active_at=ago(silence), last_nudge_at=last), now=NOW)
    assert found.wait_days in {3, 2, 6, 15}
    assert found.rests(NOW) == (nudged is not None and nudged < found.wait_days)


def test_someone_active_in_the_future_of_the_clock_counts_as_active_now():
    assert backoff(activity(last_active_at=ago(-1)), now=NOW).wait_days == 3


def test_a_silence_of_three_own_gaps_is_a_warning():
    every_other_day = [6, 8, 10, 12, 14, 16, 18, 20]
    found = churn_warning(activity(every_other_day), now=NOW)
    assert found is not None
    assert ChurnSign.LONG_GAP in found.signs
    assert found.gap_ratio == 3
    assert churn_warning(activity([4, 6, 8, 10, 12, 14, 16, 18]), now=NOW) is None


def test_without_a_rhythm_a_silence_says_nothing():
    assert churn_warning(activity([20, 21, 22]), now=NOW) is None
    assert churn_warning(activity(), now=NOW) is None


def test_a_rate_down_to_two_fifths_is_a_warning():
    before = [8, 9, 10, 11, 12, 15, 16, 17, 18, 20]  # 10 of 14 days
    at_limit = churn_warning(activity([1, 3, *before]), now=NOW)  # 2 of 7: exactly 40 %
    assert at_limit is not None
    assert at_limit.signs == (ChurnSign.FALLING_RATE,)
    assert at_limit.rate_ratio == pytest.approx(0.4)
    assert churn_warning(activity([1, 3, 5, *before]), now=NOW) is None


def test_a_rate_of_a_few_days_says_nothing():
    assert churn_warning(activity([9, 12, 15]), now=NOW) is None


def test_today_is_not_over_and_lowers_no_rate():
    steady = list(range(1, 22))
    assert churn_warning(activity(steady), now=NOW) is None
    assert churn_warning(activity([0, *steady]), now=NOW) is None


def test_after_three_ignored_only_the_digest_is_left_until_four_weeks_have_passed():
    two = backoff(activity(ignored_in_a_row=2, last_ignored_at=ago(1)), now=NOW)
    three = backoff(activity(ignored_in_a_row=3, last_ignored_at=ago(1)), now=NOW)
    rested = backoff(activity(ignored_in_a_row=3, last_ignored_at=ago(28)), now=NOW)
    assert not two.digest_only
    assert three.digest_only
    assert not rested.digest_only
    assert three.churn is not None
    assert three.churn.signs == (ChurnSign.IGNORED,)


@pytest.mark.parametrize(("last", "due"), [(None, True), (29.9, False), (30, True)])
def test_a_warning_is_answered_with_one_check_in_a_month_and_fewer_nudges(last, due):
    drifting = activity(
        [10, 11, 12, 13, 14],
        last_active_at=ago(10),
        last_nudge_at=ago(5),
        last_check_in_at=None if last is None else ago(last),
    )
    found = backoff(drifting, now=NOW)
    assert found.check_in_is_due is due
    assert found.wait_days == 12, "twice the 6 days of this silence"


def test_without_a_warning_nobody_checks_in():
    assert not backoff(activity(), now=NOW).check_in_is_due
