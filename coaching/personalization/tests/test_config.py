"""The settings of personal prompts."""

import pytest
from django.test import override_settings

from coaching.checks import settings_of_personal_prompts
from coaching.personalization.config import FIELDS, BadConfig, coaching_config


def test_each_field_is_a_setting_of_the_same_name() -> None:
    config = coaching_config()
    assert {config.adherence_change_threshold, config.logging_change_threshold} == {0.10}
    assert config.get_prompt_update_schedule() == {"day_of_week": "sun", "hour": 3, "minute": 0}
    with override_settings(**{name.upper(): getattr(config, name) for name in FIELDS}):
        assert coaching_config() == config


@override_settings(PROMPT_UPDATE_DAY=" Mon ")
def test_a_day_may_be_written_in_any_case() -> None:
    assert coaching_config().prompt_update_weekday == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PROMPT_UPDATE_DAY", "sunday", "choose among mon, tue"),
        ("PROMPT_UPDATE_HOUR", 24, "between 0 and 23"),
        ("ADHERENCE_CHANGE_THRESHOLD", 10, "between 0.0 and 1.0"),
        ("BAD_RATINGS_MOST", 7, "only BAD_RATINGS_WINDOW"),
    ],
)
def test_nonsense_is_told_at_the_start(name: str, value: object, said: str) -> None:
    with override_settings(**{name: value}):
        (error,) = settings_of_personal_prompts()
        assert name in error.msg
        assert said in error.msg
        with pytest.raises(BadConfig):
            coaching_config()
