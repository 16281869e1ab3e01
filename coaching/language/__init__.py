"""Understanding plain English without a network: typed readings of what a person wrote.

Everything here is deterministic, never raises on any text, and imports nothing of the coach.
"""

from .foreign import foreign_language
from .goals import GoalCategory, GoalPhrase, category_scores, goal_category, parse_goal
from .intents import Guess, Intent, guesses, intent_of, mended
from .moments import Moment, parse_moment
from .obstacles import Obstacle, parse_obstacle
from .periods import Period, parse_period
from .preferences import (
    Constraint,
    Difficulty,
    TimeOfDay,
    parse_constraints,
    parse_difficulty,
    parse_time_of_day,
)
from .quantities import (
    Frequency,
    Metric,
    Unit,
    parse_frequency,
    parse_metrics,
    parse_minutes_per_day,
)
from .timeframes import Precision, Timeframe, parse_timeframe
from .tone import Emotion, Tone, tone
from .wording import tidy

__all__ = [
    "Constraint",
    "Difficulty",
    "Emotion",
    "Frequency",
    "GoalCategory",
    "GoalPhrase",
    "Guess",
    "Intent",
    "Metric",
    "Moment",
    "Obstacle",
    "Period",
    "Precision",
    "TimeOfDay",
    "Timeframe",
    "Tone",
    "Unit",
    "category_scores",
    "foreign_language",
    "goal_category",
    "guesses",
    "intent_of",
    "mended",
    "parse_constraints",
    "parse_difficulty",
    "parse_frequency",
    "parse_goal",
    "parse_metrics",
    "parse_minutes_per_day",
    "parse_moment",
    "parse_obstacle",
    "parse_period",
    "parse_time_of_day",
    "parse_timeframe",
    "tidy",
    "tone",
]
