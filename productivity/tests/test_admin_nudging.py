"""How nudges do, for staff: counts with intervals, over the people they may see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from productivity.models import CoachingNudge, NudgeMode
from productivity.nudging import figures
from productivity.nudging.figures import Rate

from .test_nudging_humor import a_nudge

PAGE = "admin:productivity_coachingnudge_figures"


@given(whole=st.integers(1, 500), share=st.floats(0, 1))
def test_an_interval_holds_its_share_and_stays_between_nothing_and_all(whole, share):
    rate = Rate(int(whole * share), whole)
    assert rate.bounds is not None
    assert rate.value is not None
    low, high = rate.bounds
    assert 0 <= low <= rate.value + 1e-9
    assert rate.value - 1e-9 <= high <= 1
    assert Rate(0, 0).words == "–"


def test_the_interval_is_wilsons():
    low, high = Rate(5, 20).bounds or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.112, 0.469)


@pytest.fixture
def nudges(db: None) -> None:
    user, now = UserFactory(), timezone.now()
    a_nudge(user, now, misfire="eased_up", usefulness_rating=-1)
    a_nudge(user, now, NudgeMode.NEUTRAL, usefulness_rating=1, helped=True)
    a_nudge(user, now - timedelta(days=1), NudgeMode.NEUTRAL, helped=False, source="llm")
    a_nudge(user, now, NudgeMode.NEUTRAL, delivered=False, delivered_at=None, misfire="too_late")


def test_only_what_came_is_counted(nudges):
    rows = CoachingNudge.objects.all()
    line = figures.overall(rows)
    assert (line.came, line.misfired, line.useful) == (3, Rate(1, 3), Rate(1, 2))
    assert (line.helped, line.by_model) == (Rate(1, 2), Rate(1, 3))
    tones = {each.name: each for each in figures.by(rows, "mode")}
    assert tones["Plain"].misfired == Rate(0, 2)
    assert tones["A friendly roast"].misfired == Rate(1, 1)
    assert figures.misfires(rows) == [("they asked to ease up", 1)]
    assert len(figures.days(rows)) == 2


def test_staff_read_the_page_and_others_do_not(nudges):
    chief = UserFactory(is_staff=True, is_superuser=True)
    browser = Client()
    browser.force_login(chief)
    text = browser.get(reverse(PAGE)).content.decode()
    assert "3 nudges came" in text
    assert "they asked to ease up" in text.lower()
    assert "By persona" in text
    assert browser.get(reverse("admin:productivity_coachingnudge_changelist")).status_code == 200
    assert browser.get(reverse("admin:productivity_personaprofile_changelist")).status_code == 200
    helper = UserFactory(is_staff=True)
    browser.force_login(helper)
    assert browser.get(reverse(PAGE)).status_code == 403


def test_an_empty_page_is_a_page_too(db):
    browser = Client()
    browser.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert "0 nudges came" in browser.get(reverse(PAGE), {"days": "odd"}).content.decode()
