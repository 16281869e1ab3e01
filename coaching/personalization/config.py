"""When a personal prompt is looked at again and written anew: every number of it, in one place."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class BadConfig(ValueError):
    """A setting has a value that nothing can be done with; the text names it and says what would do."""


@dataclass(frozen=True)
class PersonalizedCoachingConfig:
    """The settings of personal prompts; each is the environment variable of the same name in capitals.

    Sources: the change thresholds, the window and the schedule come from the product's first
    description. The noise test, the strength in place of streaks, the latest date and the events correct
    them, since the plain thresholds fire by chance and miss a slow slide. Numbers not named there are ours.

    What is a change (against the figures at the last writing)
        adherence_change_threshold: share of days in target, 0-1, that it must have moved by.
        logging_change_threshold: share of days with something logged, 0-1, likewise.
        streak_change_threshold: days; the strength must have moved by as much as so many full days in a
            row make from nothing (7 days: 0.31).
        change_noise_z: standard errors that every one of these changes must exceed as well.
        behavioral_analysis_days: length of the window that figures are taken over.
    When
        min_days_between_updates: days that lie at least between two writings.
        max_weeks_between_updates: weeks after which it is written anew in any case.
        prompt_update_day, prompt_update_hour: when it is looked at, on each person's own clock.
    Events
        lapse_days: more days than this without anything logged are a lapse.
        bad_ratings_in_a_row: so many thumbs down one after the other roll a version back ...
        bad_ratings_window, bad_ratings_most: ... and so do `most` of the last `window` ratings ...
        bad_ratings_more: ... when it is at least so many more than the version before had.
    Switches
        enable_change_detection: off: everybody due is written anew.
        enable_automatic_updates: off: nothing is written anew by itself; looking goes on.
        enable_generic_fallback: off: without a personal prompt the coach says so instead of speaking generically.
    Cost
        prompt_cost_microdollars: what one writing is reckoned to cost while none was measured.
    """

    adherence_change_threshold: float = 0.10
    logging_change_threshold: float = 0.10
    streak_change_threshold: int = 7
    change_noise_z: float = 2.5
    behavioral_analysis_days: int = 30
    min_days_between_updates: int = 7
    max_weeks_between_updates: int = 8
    prompt_update_day: str = "sun"
    prompt_update_hour: int = 3
    lapse_days: int = 7
    bad_ratings_in_a_row: int = 3
    bad_ratings_window: int = 6
    bad_ratings_most: int = 4
    bad_ratings_more: int = 2
    enable_change_detection: bool = True
    enable_automatic_updates: bool = True
    enable_generic_fallback: bool = True
    prompt_cost_microdollars: int = 50_000

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadConfig(f"{name.upper()} is {value}: it must lie between {low} and {high}.")
        if self.prompt_update_day not in DAYS:
            raise BadConfig(
                f"PROMPT_UPDATE_DAY is “{self.prompt_update_day}”: choose among {', '.join(DAYS)}."
            )
        if self.bad_ratings_most > self.bad_ratings_window:
            raise BadConfig(
                f"BAD_RATINGS_MOST is {self.bad_ratings_most}: there are only BAD_RATINGS_WINDOW "
                f"({self.bad_ratings_window}) ratings to count in."
            )

    @classmethod
    def from_settings(cls) -> "PersonalizedCoachingConfig":
        """What the settings say; raises `BadConfig` for what makes no sense."""
        values: dict[str, Any] = {name: getattr(settings, name.upper()) for name in FIELDS}
        values["prompt_update_day"] = values["prompt_update_day"].strip().lower()
        return cls(**values)

    @property
    def prompt_update_weekday(self) -> int:
        """The day as Python counts it: Monday is 0."""
        return DAYS.index(self.prompt_update_day)

    def get_prompt_update_schedule(self) -> dict[str, Any]:
        """Day, hour and minute of the weekly look, on each person's own clock."""
        return {
            "day_of_week": self.prompt_update_day,
            "hour": self.prompt_update_hour,
            "minute": 0,
        }


_BOUNDS: dict[str, tuple[float, float]] = {
    "adherence_change_threshold": (0.0, 1.0),
    "logging_change_threshold": (0.0, 1.0),
    "streak_change_threshold": (1, 365),
    "change_noise_z": (0.0, 10.0),
    "behavioral_analysis_days": (7, 365),
    "min_days_between_updates": (1, 365),
    "max_weeks_between_updates": (1, 104),
    "prompt_update_hour": (0, 23),
    "lapse_days": (1, 365),
    "bad_ratings_in_a_row": (1, 100),
    "bad_ratings_window": (1, 100),
    "bad_ratings_most": (1, 100),
    "bad_ratings_more": (0, 100),
    "prompt_cost_microdollars": (0, 100_000_000),
}
FIELDS = tuple(PersonalizedCoachingConfig.__dataclass_fields__)


def coaching_config() -> PersonalizedCoachingConfig:
    """The configuration in force."""
    return PersonalizedCoachingConfig.from_settings()
