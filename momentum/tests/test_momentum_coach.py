"""What the coach tells of momentum, and when it is asked for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.agent.context import tool_schemas
from coaching.language import guesses
from coaching.llm.builtin.offers import asked_for, read
from coaching.toolkit import (
    Card,
    ToolContext,
    card_views,
    context_blocks,
    data_sources,
    today_tiles,
    tool_named,
)
from momentum.models import MomentumPillar
from momentum.tests.factories import TrackedUserFactory
from momentum.tests.scored import scored_person

pytestmark = pytest.mark.django_db


def explain(user: User, day: str = "today") -> Card:
    entry = tool_named("explain_momentum")
    context = ToolContext(user=user, now=timezone.now(), call_id="c1")
    card: Card = entry.run(context, entry.args.model_validate({"day": day}))
    return card


def shown(user: User, card: Card) -> str:
    view = card_views.get(card.kind)
    return render_to_string(view.template, view.context(user, card))


# --- The tool -------------------------------------------------------------------------------------
def test_it_tells_the_score_the_pillars_and_what_moved_it() -> None:
    user = scored_person()
    row = MomentumPillar.objects.filter(user=user).latest("date")
    said = explain(user).summary
    assert said.startswith(f"Today your momentum is {row.overall_score:.0f} of 100")
    assert f"Action {row.behavioral_score:.0f}" in said
    assert "What moved it: Action steps" in said


def test_a_past_day_is_explained_when_it_is_named() -> None:
    user = scored_person()
    card = explain(user, "why did my momentum drop yesterday?")
    assert card.data["day"] == str(local_day(user) - timedelta(days=1))
    assert card.summary.startswith("Your momentum yesterday was")


def test_a_day_without_a_score_is_told_as_that() -> None:
    user = scored_person()
    card = explain(user, "2024-01-01")
    assert card.data["day"] is None
    assert card.summary.startswith("There was no score on Monday, 1 January 2024")


def test_without_consent_it_tells_no_score_but_what_helps() -> None:
    card = explain(UserFactory())
    assert "of 100" not in card.summary
    assert "agree" in card.summary


def test_with_nothing_yet_it_says_how_it_begins() -> None:
    card = explain(TrackedUserFactory())
    assert "of 100" not in card.summary
    assert card.summary


def test_asked_what_it_means_it_says_what_it_means() -> None:
    user = scored_person()
    for text in ("what is momentum?", "What does momentum mean?", "how does my score work?"):
        assert "four pillars" in explain(user, text).summary
    assert "four pillars" not in explain(user, "what is my momentum").summary


def test_asked_what_helps_it_says_where_most_can_be_gained() -> None:
    assert "Most room to grow is in" in explain(scored_person(), "how do I raise my score?").summary


def test_the_card_shows_the_signals_as_they_are_now_and_leads_to_the_day() -> None:
    user = scored_person()
    card = explain(user, "yesterday")
    html = shown(user, card)
    assert "Action steps" in html
    assert f"/momentum/day/{card.data['day']}/" in html
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert "Action steps</" not in shown(user, card).split("<p")[0]


# --- When it is asked for -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("why is my score where it is", "momentum__explain_momentum"),
        ("what moved my momentum", "momentum__explain_momentum"),
        ("explain my score for yesterday", "momentum__explain_momentum"),
        ("why did my momentum drop", "momentum__explain_momentum"),
        ("what's my momentum", "momentum__explain_momentum"),
        ("How's my momentum?", "momentum__explain_momentum"),
        ("why is my score so low?", "momentum__explain_momentum"),
        ("how did my momentum change this week?", "momentum__explain_momentum"),
        ("is my momentum going up?", "momentum__explain_momentum"),
        ("what are my pillars", "momentum__explain_momentum"),
        ("how do I raise my score?", "momentum__explain_momentum"),
        ("what does momentum mean?", "momentum__explain_momentum"),
        ("momentum", "momentum__explain_momentum"),
        ("chart my momentum for 90 days", "coaching__create_visualization"),
        ("show a graph of my pillars for 30 days", "coaching__create_visualization"),
        ("plot my momentum over the last year", "coaching__create_visualization"),
        ("why is my habit strength low?", "coaching__morning_brief"),
        ("how am I doing?", "habits__analyze_progress"),
        ("how are my habits going?", "habits__analyze_progress"),
    ],
)
def test_the_builtin_coach_knows_when_momentum_is_meant(text: str, tool: str) -> None:
    found = asked_for(text, read(tool_schemas()), guesses(text))
    assert found is not None
    assert _plain(found[0].name) == _plain(tool)


def _plain(name: str) -> str:
    return name.replace("__", ".").replace("-", ".").rsplit(".", 1)[-1]


@pytest.mark.parametrize(
    "text", ["I want to keep the momentum going", "I'm losing momentum lately"]
)
def test_the_word_in_passing_is_no_question_about_the_score(text: str) -> None:
    found = asked_for(text, read(tool_schemas()), guesses(text))
    assert found is None or _plain(found[0].name) != "explain_momentum"


# --- Context, tile, series ------------------------------------------------------------------------
def lines(user: User) -> list[str]:
    return list(context_blocks.get("momentum.today").lines(user, timezone.now()))


def test_the_coach_has_the_score_at_hand_in_few_words() -> None:
    said = " ".join(lines(scored_person()))
    assert "Momentum" in said
    assert len(said) < 60 * 4
    assert lines(TrackedUserFactory()) == []
    assert lines(UserFactory()) == []


def tile(user: User) -> dict[str, Any] | None:
    return today_tiles.get("momentum.score").context(user, timezone.now())


def test_the_tile_shows_the_score_and_is_not_there_without_consent() -> None:
    user = scored_person()
    found = tile(user)
    assert found is not None
    html = render_to_string("momentum/tiles/score.html", {"tile": found})
    row = MomentumPillar.objects.filter(user=user).latest("date")
    assert f">{row.overall_score:.0f}</span>" in html
    assert 'class="spark"' in html
    assert f'data-announce="Momentum is now {row.overall_score:.0f}' in html
    assert tile(UserFactory()) is None
    assert tile(TrackedUserFactory()) is not None


@pytest.mark.parametrize("key", ["momentum.overall", "momentum.pillars"])
def test_series_are_the_persons_own(key: str) -> None:
    user = scored_person()
    today = local_day(user)
    mine = data_sources.get(key).series(user, today - timedelta(days=5), today)
    assert [point.value is not None for point in mine[0].points] == [True] * 6
    theirs = data_sources.get(key).series(TrackedUserFactory(), today, today)
    assert [point.value for line in theirs for point in line.points] == [None]
