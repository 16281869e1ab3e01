"""The page for staff on how good the coach is: figures with intervals, of one's own people alone."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.admin.evaluation import curve_chart, group_rows
from coaching.learning import evaluation
from coaching.learning.calibration import Bin
from coaching.learning.evaluation import Group, Odds
from coaching.models import (
    Conversation,
    LearnedPreference,
    LearningEvent,
    Message,
    MessageRole,
    Prediction,
    RawBehavioralLog,
    ResponseFeedback,
)
from coaching.tasks import learn_from_events, learn_from_events_between

pytestmark = pytest.mark.django_db
ADDRESS = "admin:coaching_learningevent_evaluation"


def rated(user: User, rating: int, *, model: str, version: int | None = None) -> None:
    talk = Conversation.objects.create(user=user)
    answer = Message.objects.create(
        conversation=talk,
        user=user,
        role=MessageRole.ASSISTANT,
        model=model,
        system_prompt_version_used=version,
    )
    ResponseFeedback.objects.create(user=user, message=answer, rating=rating)


def page(staff: User) -> str:
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse(ADDRESS), {"days": "30"})
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_ratings_are_counted_by_model_and_by_prompt() -> None:
    user = UserFactory()
    for rating in (1, 1, -1, 0):
        rated(user, rating, model="builtin/coach")
    rated(user, 1, model="other", version=2)
    rows = evaluation.ratings(None, since=timezone.now() - timedelta(days=1))
    assert evaluation.by_model(rows)[0] == Group("builtin/coach", 2, 1, None)
    assert [group.name for group in evaluation.by_prompt(rows)] == [
        "Generic prompt",
        "Personal, version 2",
    ]
    assert [group.rated for _, group in evaluation.by_week(rows)] == [4]


def test_shares_come_with_their_intervals() -> None:
    assert group_rows([Group("a", 8, 2, 4.25)])[0]["interval"] == "49% to 94%"
    assert group_rows([Group("a", 0, 0, None)])[0]["share"] == "–"


def test_the_curve_has_its_numbers_as_a_table() -> None:
    found = Odds("habits.kept", 10, 0, 0, 0.2, 0.1, (Bin(0.7, 0.8, 10, 0.75, 8),), None)
    chart = curve_chart(found)
    assert chart.rows == [["75%", "10", "8 (80%)", "49% to 94%"]]
    assert 'role="img"' in chart.svg


def test_a_coach_sees_the_figures_of_their_own_people_alone() -> None:
    coach = StaffFactory()
    coach.user_permissions.set(Permission.objects.filter(codename="view_learningevent"))
    rated(UserFactory(coach=coach), 1, model="of-mine")
    rated(UserFactory(), 1, model="of-others")
    shown = page(coach)
    assert "of-mine" in shown
    assert "of-others" not in shown
    assert page(StaffFactory()) == "403"


def test_the_page_shows_odds_totals_and_what_changed() -> None:
    user = UserFactory()
    for at in range(6):
        Prediction.objects.create(
            user=user,
            kind="habits.kept",
            subject_type="habits.habit",
            subject_id=uuid4(),
            for_date=date.today(),  # noqa: DTZ011 - any date of these days will do
            probability=0.7,
            confidence=0.5,
            model_version="1",
            outcome=at < 4,
            resolved_at=timezone.now(),
        )
    LearningEvent.objects.create(
        user=user, event_type="sequence_abandoned", feedback_score=-1, idempotency_key="a"
    )
    LearnedPreference.objects.create(
        user=user,
        preference_category="communication_style",
        preference_key="length",
        preference_value="short",
        confidence=0.9,
    )
    shown = page(StaffFactory(is_superuser=True))
    for words in ("Brier score", "Sequence abandoned", "against it", "Length", "short"):
        assert words in shown


def test_the_nightly_work_gathers_and_forgets() -> None:
    agreeing, withdrawn = UserFactory(), UserFactory()
    for user in (agreeing, withdrawn):
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
        RawBehavioralLog.objects.create(
            user=user,
            interaction_type="habit.completed",
            source="web",
            occurred_at=datetime.now(UTC),
            idempotency_key="a",
        )
    LearningEvent.objects.create(user=withdrawn, event_type="old", idempotency_key="old")
    set_consent(withdrawn, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    learn_from_events()
    first, last = sorted((agreeing.pk, withdrawn.pk))
    learn_from_events_between(str(first), str(last))
    events = LearningEvent.objects.values_list("user", "event_type")
    assert list(events) == [(agreeing.pk, "habit_completed")]


def test_the_command_gathers_everything_and_may_run_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    rated(user, 1, model="builtin/coach")
    call_command("gather_learning_events", "--dry-run")
    assert "1 people" in capsys.readouterr().out
    assert not LearningEvent.objects.exists()
    for more in ([], ["--rebuild"]):
        call_command("gather_learning_events", *more)
    assert LearningEvent.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("gather_learning_events", "--batch-size", "0")
