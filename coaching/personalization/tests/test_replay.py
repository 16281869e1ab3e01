"""A new version proves itself on what its person liked, and goes back when they do not like it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from coaching.learning_permission import set_learning
from coaching.llm.tests.model_server import Done, Finish, ModelServer, Say
from coaching.models import (
    CoachingProfile,
    DisputedFact,
    GoldenConversation,
    PromptRevision,
    ResponseFeedback,
    RevisionStatus,
)
from coaching.personalization import bad_ratings, disputes, generation, golden, replay, trying
from coaching.personalization.bad_ratings import is_bad_run
from coaching.personalization.config import PersonalizedCoachingConfig

from .prompt_world import SUNDAY, WRITTEN, answered, with_prompt

pytestmark = pytest.mark.django_db
CONFIG = PersonalizedCoachingConfig()
REQUEST = "How do I get going when evenings leave me tired?"
LIKED = "You said mornings suit you, so lay out your shoes and take ten minutes of walking first."


def candidate(user: User) -> PromptRevision:
    revision = generation.generate(user.pk, reason="weekly", now=SUNDAY, go_live=False)
    assert revision is not None
    return revision


def keep(user: User, **fields: Any) -> GoldenConversation:
    answered(user, REQUEST, LIKED, rating=1, **fields)
    golden.keep_liked(now=SUNDAY)
    return GoldenConversation.objects.get(user=user)


def forgetful(user: User) -> PromptRevision:
    """A candidate that knows nothing of the person any more."""
    revision = candidate(user)
    revision.prompt = "Be kind. " * 300
    revision.save()
    return revision


# --- Golden conversations ---------------------------------------------------------------------------
def test_what_is_liked_is_kept_once_with_what_it_expects() -> None:
    user = with_prompt()
    kept = keep(user)
    assert (kept.request, kept.answer) == (REQUEST, LIKED)
    (knows, length) = kept.expectations
    assert {"evenings", "tired"} <= set(knows["words"])
    assert length == {"kind": "length", "most_words": 60}
    assert golden.keep_liked(now=SUNDAY) == 0


def test_what_is_liked_no_more_and_what_is_private_is_not_kept() -> None:
    user, paused = with_prompt(), with_prompt()
    keep(user)
    ResponseFeedback.objects.update(rating=0)
    golden.keep_liked(now=SUNDAY)
    secret = answered(user, REQUEST, LIKED, rating=1)
    secret.conversation.is_temporary = True
    secret.conversation.save()
    answered(paused, REQUEST, LIKED, rating=1)
    set_learning(paused, False)
    assert golden.keep_liked(now=SUNDAY) == 0
    assert not GoldenConversation.objects.exists()


def test_the_newest_dozen_stays() -> None:
    user = with_prompt()
    for day in range(14):
        answered(user, f"{REQUEST} {day}", LIKED, rating=1, at=WRITTEN + timedelta(days=day))
    golden.keep_liked(now=SUNDAY)
    requests = GoldenConversation.objects.values_list("request", flat=True)
    assert len(requests) == 12
    assert not any(request.endswith(("? 0", "? 1")) for request in requests)
    assert golden.keep_liked(now=SUNDAY) == 0  # the older ones had their time


# --- Trying a version, without a model ---------------------------------------------------------------
def test_with_nothing_liked_a_version_passes_with_a_note() -> None:
    result = replay.passes(candidate(with_prompt()))
    assert result.passes
    assert "nothing to try it on" in result.in_words()


def test_a_version_that_still_knows_the_person_passes_and_one_that_forgot_does_not() -> None:
    user = with_prompt()
    keep(user)
    assert replay.passes(candidate(user)).passes
    result = replay.passes(forgetful(user))
    assert not result.passes
    assert result.reasons[0].startswith(
        "On “How do I get going when evenings leave me tired?” it no"
    )


def test_what_the_person_called_wrong_may_be_forgotten_and_never_said_again() -> None:
    user = with_prompt()
    keep(user)
    revision = candidate(user)
    said = revision.prompt.split(". ")[0]
    DisputedFact.objects.create(user=user, fact_key="challenges:made-up", text=said)
    result = replay.passes(revision)
    assert not result.passes
    assert "called wrong" in result.in_words()


def test_a_version_that_is_harmful_is_rejected_and_the_old_one_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = with_prompt()
    keep(user)
    write = generation.generate

    def write_badly(*args: Any, **kwargs: Any) -> PromptRevision | None:
        revision = write(*args, **kwargs)
        assert revision is not None
        revision.prompt += " Go ahead and starve yourself."
        revision.save()
        return revision

    monkeypatch.setattr(generation, "generate", write_badly)
    outcome = trying.write_and_try(user.pk, reason="weekly", now=SUNDAY)
    assert outcome.decision == "rejected"
    assert outcome.revision is not None
    outcome.revision.refresh_from_db()
    assert outcome.revision.status == RevisionStatus.REJECTED
    assert outcome.revision.replay["passes"] is False
    profile = CoachingProfile.objects.get(user=user)
    assert (profile.system_prompt_version, profile.prompt_status) == (1, "ready")


def test_a_version_asked_for_is_tried_too(monkeypatch: pytest.MonkeyPatch) -> None:
    user = with_prompt()
    keep(user)
    write = generation.generate

    def write_forgetfully(*args: Any, **kwargs: Any) -> PromptRevision | None:
        revision = write(*args, **kwargs)
        assert revision is not None
        revision.prompt = "Be kind. " * 300
        revision.save()
        return revision

    CoachingProfile.objects.filter(user=user).update(prompt_status="generating")
    monkeypatch.setattr(generation, "generate", write_forgetfully)
    generation.attempt(user.pk, reason="manual", now=SUNDAY)
    profile = CoachingProfile.objects.get(user=user)
    assert (profile.prompt_status, profile.system_prompt_version) == ("ready", 1)
    assert profile.prompt_error.startswith("The new version was rejected: On “How do I get going")


def test_an_edit_made_while_a_version_is_tried_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    user = with_prompt()
    try_it = replay.passes

    def edit_meanwhile(revision: PromptRevision) -> replay.ReplayResult:
        live = PromptRevision.objects.get(user=user, status="live")
        sentence = live.sentences.filter(section="obstacles").first()
        assert sentence is not None
        disputes.mark_wrong(user, sentence.pk, now=SUNDAY)
        return try_it(revision)

    monkeypatch.setattr(replay, "passes", edit_meanwhile)
    assert trying.write_and_try(user.pk, reason="weekly", now=SUNDAY).decision is None
    live = PromptRevision.objects.get(user=user, status="live")
    assert (live.version, live.reason) == (3, "edit")


# --- Trying a version with a model --------------------------------------------------------------------
def script(server: ModelServer, better: str) -> None:
    for fields in (
        {"answer": "Old words."},
        {"answer": "New words."},
        {"better": better, "reason": "warmer"},
    ):
        server.will([Say(json.dumps(fields)), Finish(), Done()])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("new_wins", [True, False])
def test_a_judge_who_does_not_know_which_is_new_decides(
    model_server: ModelServer, settings: Settings, new_wins: bool
) -> None:
    settings.COACH_MODEL, model = "builtin/coach", settings.COACH_MODEL
    user = with_prompt()
    kept = keep(user)
    revision = candidate(user)
    settings.COACH_MODEL = model
    new_is_first = kept.pk.int % 2 == 0
    script(model_server, "first" if new_is_first == new_wins else "second")
    result = replay.passes(revision)
    assert result.used_model
    assert result.passes is new_wins
    assert (result.better, result.worse) == ((1, 0) if new_wins else (0, 1))
    asked = [request.body["messages"][0]["content"] for request in model_server.received]
    assert revision.prompt in asked[1]


@pytest.mark.django_db(transaction=True)
def test_what_a_model_wrote_stays_while_it_writes_nothing_of_use(
    model_server: ModelServer, settings: Settings
) -> None:
    settings.COACH_MODEL, model = "builtin/coach", settings.COACH_MODEL
    user = with_prompt()
    PromptRevision.objects.filter(user=user).update(model=model)
    settings.COACH_MODEL = model
    for _ in range(4):
        model_server.will([Say("no"), Finish(), Done()])
    outcome = trying.write_and_try(user.pk, reason="weekly", now=SUNDAY)
    assert outcome.decision == "failed"
    assert PromptRevision.objects.get(user=user, status="live").model == model


# --- Ratings -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ratings", "before", "is_bad"),
    [
        ([-1, -1, -1], [], True),
        ([-1, -1, 1, -1], [], False),
        ([-1, 1, -1, 1, -1, -1], [1] * 6, True),
        ([-1, -1, -1], [-1, -1, 1], False),  # no worse than the one before
        ([-1, -1], [], False),
        ([], [], False),
    ],
)
def test_a_run_of_bad_ratings(ratings: list[int], before: list[int], is_bad: bool) -> None:
    assert is_bad_run(ratings, before, CONFIG) is is_bad


def rated(user: User, *ratings: int) -> None:
    for at, rating in enumerate(ratings):
        answered(user, REQUEST, LIKED, rating=rating, at=SUNDAY + timedelta(minutes=at))


def test_a_version_that_is_disliked_goes_back_once_and_staff_see_it() -> None:
    user = with_prompt()
    rated(user, 1, 1)
    assert trying.write_and_try(user.pk, reason="weekly", now=SUNDAY).decision == "regenerated"
    rated(user, -1, -1)
    assert bad_ratings.watch(now=SUNDAY) == []
    rated(user, -1)
    assert bad_ratings.watch(now=SUNDAY) == [user.pk]
    assert bad_ratings.watch(now=SUNDAY) == []
    rows = PromptRevision.objects.filter(user=user).order_by("version")
    assert [(row.version, row.status, row.reason) for row in rows] == [
        (1, "replaced", "consultation"),
        (2, "rolled_back", "weekly"),
        (3, "live", "rollback"),
    ]
    assert rows[2].note == bad_ratings.NOTE
    rated(user, -1, -1, -1)  # what came back stays
    assert bad_ratings.watch(now=SUNDAY) == []


def test_edits_belong_to_the_version_they_were_made_in() -> None:
    user = with_prompt()
    trying.write_and_try(user.pk, reason="weekly", now=SUNDAY)
    rated(user, -1, -1)
    live = PromptRevision.objects.get(user=user, status="live")
    sentence = live.sentences.filter(section="obstacles").first()
    assert sentence is not None
    disputes.mark_wrong(user, sentence.pk, now=SUNDAY)
    rated(user, -1)
    assert bad_ratings.watch(now=timezone.now()) == [user.pk]
    again = PromptRevision.objects.get(user=user, status="live")
    assert (again.version, again.reason) == (4, "rollback")
    assert sentence.text not in again.prompt


def test_what_was_said_against_versions_long_gone_suspects_nobody() -> None:
    user = with_prompt()
    rated(user, -1, -1, -1)
    trying.write_and_try(user.pk, reason="weekly", now=SUNDAY)
    assert not bad_ratings.suspects(CONFIG).exists()
    rated(user, -1, -1, -1)
    assert [live.user for live in bad_ratings.suspects(CONFIG)] == [user]


def test_the_first_version_has_nothing_to_go_back_to() -> None:
    user = with_prompt()
    rated(user, -1, -1, -1)
    assert bad_ratings.watch(now=SUNDAY) == []
