"""The background work of personal prompts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from coaching import tasks
from coaching.models import CoachingProfile, GoldenConversation, PromptReview
from coaching.personalization.tests.prompt_world import answered, with_prompt

pytestmark = pytest.mark.django_db


def where_it_is_five() -> str:
    """A zone whose clock shows five now, far from midnight and within the hours that are caught up."""
    ahead = (5 - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"  # the names of these zones have the sign the other way round


def test_the_hourly_task_looks_writes_and_does_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    user = with_prompt(at=now - timedelta(days=60), timezone=where_it_is_five())
    monkeypatch.setattr(tasks.review_prompts_between, "delay", tasks.review_prompts_between)
    monkeypatch.setattr(tasks.write_reviewed_prompt, "delay", tasks.write_reviewed_prompt)
    today = now.astimezone(user.tz)
    tasks.review_prompts(f"{today:%a}", 5)
    tasks.review_prompts(f"{today:%a}", 5)
    row = PromptReview.objects.get()
    assert (row.decision, row.local_date) == ("regenerated", today.date())
    assert CoachingProfile.objects.get(user=user).system_prompt_version == 2
    tomorrow = f"{today + timedelta(days=1):%a}"
    tasks.review_prompts(tomorrow, 5)
    assert PromptReview.objects.count() == 1


def test_liked_answers_are_kept_and_measures_of_those_who_withdrew_forgotten() -> None:
    user = with_prompt()
    answered(user, "How do I begin?", "With two minutes after coffee.", rating=1)
    assert tasks.watch_prompt_ratings() == 0
    assert GoldenConversation.objects.get().user == user
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert tasks.forget_measures_of_prompts() == 1
    assert CoachingProfile.objects.get(user=user).baseline_data == {}
