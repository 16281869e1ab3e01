"""What is known of a person before the first question: it is confirmed instead of asked."""

from datetime import datetime

from accounts.models import User
from coaching.models import Preferences
from coaching.models.person import CommunicationStyle
from coaching.personalization.writing.facts import bare_goal
from coaching.toolkit.knowing import known_fields

from .topics import RULES, Item, Kind, Topic, Understood

STYLES = {
    CommunicationStyle.ENCOURAGING: "warm and encouraging",
    CommunicationStyle.DIRECT: "straight to the point",
    CommunicationStyle.CONCISE: "as short as possible",
    CommunicationStyle.DETAILED: "with the reasons why",
}
# What domains call the goals of a person among the facts they know.
GOALS = "goals"
MOST_GOALS = 3


def known_before(user: User, *, now: datetime) -> Understood:
    """The goals a person gave elsewhere, and the style they chose when they began."""
    known = Understood()
    stated = bare_goal(user.stated_goal)
    wanted = [stated] if stated else _goals_of_domains(user, now)
    known.add(
        Topic.GOALS,
        [Item(Kind.GOAL, goal[: RULES.longest_value], goal, None, now) for goal in wanted],
    )
    if user.onboarded_at is not None:
        chosen = Preferences.objects.filter(user=user).values_list("communication_style", flat=True)
        for style in chosen:
            words = STYLES[CommunicationStyle(style)]
            known.add(Topic.PREFERENCES, [Item(Kind.STYLE, words, words, None, now)])
    return known


def _goals_of_domains(user: User, now: datetime) -> list[str]:
    goals: list[str] = []
    for field in known_fields:
        if field.name == GOALS:
            fact = field.read(user, now)
            if fact is not None and isinstance(fact.value, list):
                goals += [str(goal) for goal in fact.value]
    return goals[:MOST_GOALS]
