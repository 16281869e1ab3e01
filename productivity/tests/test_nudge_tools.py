"""Saying "ease up" to the coach works at once, whichever model there is, and can be taken back."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.toolkit import ToolContext, plainly_wanted, tool_named
from productivity.coach.nudge_tools import tease_again
from productivity.nudging.easing import is_eased


@pytest.fixture
def ada(db: None) -> User:
    user: User = UserFactory()
    return user


def test_plain_words_run_the_tool_without_a_model(ada):
    wanted = plainly_wanted(ada, "Ease up on me, please")
    assert wanted is tool_named("ease_up")
    now = timezone.now()
    card = wanted.run(ToolContext(ada, now, "call"), wanted.args())
    assert "won't tease until" in card.summary
    assert is_eased(ada, now=now)
    assert card.undo is not None
    tease_again(ada, card.undo.args)
    assert is_eased(ada, now=now) is None


@pytest.mark.parametrize("text", ["Add a task: ease up the brakes", "how am I doing?", "stop"])
def test_everything_else_goes_its_usual_way(ada, text):
    assert plainly_wanted(ada, text) is None
