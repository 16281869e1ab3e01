"""Preferences grow surer with evidence, follow what is said, and never come back once declined."""

from datetime import timedelta

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.memory import care, preferences, remember
from coaching.memory.extraction.found import FoundPreference
from coaching.models import EpisodicMemory, LearnedPreference

from .talks import NOW, learner

pytestmark = pytest.mark.django_db


def noted(value: str, ref: str, user: User, *, said: bool = False) -> LearnedPreference | None:
    found = FoundPreference("timing", "best time", value, "quote", is_explicit=said)
    return preferences.learn(user, found, source_ref=ref, now=NOW)


def test_evidence_makes_it_surer_and_the_same_evidence_does_not() -> None:
    user = learner()
    first = noted("mornings", "1", user)
    again = noted("mornings", "1", user)
    second = noted("mornings", "2", user)
    assert first is not None
    assert again is not None
    assert second is not None
    assert first.confidence == again.confidence == preferences.SURENESS.concluded
    assert second.confidence > first.confidence
    assert second.evidence_count == 2


def test_what_is_said_replaces_what_was_concluded_and_not_the_reverse() -> None:
    user = learner()
    noted("mornings", "1", user)
    noted("evenings", "2", user, said=True)
    noted("mornings", "3", user)
    row = LearnedPreference.objects.get()
    assert (row.preference_value, row.is_explicit) == ("evenings", True)
    assert row.confidence == preferences.SURENESS.said


def test_contrary_conclusions_weaken_and_then_replace() -> None:
    user = learner()
    for ref in ("1", "2", "3"):
        noted("mornings", ref, user)
    noted("evenings", "4", user)
    noted("evenings", "5", user)
    assert LearnedPreference.objects.get().preference_value == "evenings"


def test_declined_is_never_learned_again() -> None:
    user = learner()
    row = noted("mornings", "1", user, said=True)
    assert row is not None
    preferences.decline(user, row.pk, now=NOW)
    assert noted("mornings", "2", user, said=True) is None
    assert not preferences.preferences_of(user).exists()
    with pytest.raises(LearnedPreference.DoesNotExist):
        preferences.confirm(learner(), row.pk, now=NOW)
    preferences.set_value(user, row.pk, "evenings", now=NOW + timedelta(days=1))
    assert preferences.preferences_of(user).get().preference_value == "evenings"


def test_who_withdraws_keeps_what_they_said_and_loses_what_was_concluded() -> None:
    user, other = learner(), learner()
    for each in (user, other):
        noted("mornings", "1", each)
        remember(each, "I live in Oslo.", happened_at=NOW)
        remember(each, "I seem to sleep badly.", happened_at=NOW, is_inferred=True)
    preferences.learn(
        user,
        FoundPreference("meal_types", "diet", "vegan", "I'm vegan"),
        source_ref="2",
        now=NOW,
    )
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert care.forget_those_who_withdrew() == 1
    assert preferences.forget_those_who_withdrew() == 1
    assert EpisodicMemory.objects.get(user=user).memory_description == "I live in Oslo."
    assert EpisodicMemory.objects.filter(user=other).count() == 2
    assert LearnedPreference.objects.get(user=user).preference_value == "vegan"
