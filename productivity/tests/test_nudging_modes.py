"""Which tone: personas, what was learned, the draw with its floor, and consent."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from productivity import withdrawal
from productivity.models import CoachingNudge, NudgeMode, PersonaProfile, PersonaType
from productivity.nudging import personas
from productivity.nudging.humor import Standing
from productivity.nudging.modes import (
    LEANINGS,
    USUAL,
    Learned,
    allowed,
    belief,
    draw_mode,
    usual_mode,
)

from .test_nudging_humor import a_nudge

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)
DAY = timedelta(days=1)
LEARNED = st.dictionaries(
    st.sampled_from(list(NudgeMode)),
    st.floats(0, 200).flatmap(
        lambda tried: st.floats(0, tried).map(lambda helped: Learned(tried, helped))
    ),
)


def agreed(**fields) -> User:
    user = UserFactory(**fields)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def drawn(persona, learned, *, may_roast=True, count=2000) -> Counter[NudgeMode]:
    rng = random.Random(7)
    return Counter(draw_mode(persona, learned, may_roast=may_roast, rng=rng) for _ in range(count))


def test_every_persona_leans_by_shares_and_has_a_tone_of_its_own():
    for persona in PersonaType:
        assert sum(LEANINGS[persona].values()) == pytest.approx(1)
        assert max(LEANINGS[persona], key=LEANINGS[persona].__getitem__) == USUAL[persona]
    assert set(USUAL.values()) == set(NudgeMode)


def test_a_roaster_who_may_not_roast_speaks_plainly():
    assert usual_mode(PersonaType.ROAST, may_roast=True) == NudgeMode.ROAST
    assert usual_mode(PersonaType.ROAST, may_roast=False) == NudgeMode.NEUTRAL


@given(persona=st.sampled_from(list(PersonaType)), learned=LEARNED, seed=st.integers())
def test_a_draw_never_roasts_where_it_may_not(persona, learned, seed):
    mode = draw_mode(persona, learned, may_roast=False, rng=random.Random(seed))
    assert mode in allowed(may_roast=False)
    assert mode != NudgeMode.ROAST


@given(persona=st.sampled_from(list(PersonaType)), learned=LEARNED)
def test_a_belief_is_a_proper_one(persona, learned):
    for mode in NudgeMode:
        good, bad = belief(persona, mode, learned)
        assert good >= 1
        assert bad >= 1


@pytest.mark.parametrize("persona", list(PersonaType))
def test_no_tone_is_stuck_however_badly_it_began(persona):
    hopeless = {mode: Learned(500, 0) for mode in NudgeMode if mode != NudgeMode.NEUTRAL}
    counts = drawn(persona, {**hopeless, NudgeMode.NEUTRAL: Learned(500, 500)})
    # A tenth of the draws is even over four tones: 50 of 2,000 each, give or take.
    assert all(counts[mode] >= 25 for mode in NudgeMode)


def test_what_helps_is_drawn_more_and_more():
    before = drawn(PersonaType.COACH, {})
    learned = {NudgeMode.MINIMALIST: Learned(40, 34), NudgeMode.ENCOURAGEMENT: Learned(40, 6)}
    after = drawn(PersonaType.COACH, learned)
    assert after[NudgeMode.MINIMALIST] > 1500 > before[NudgeMode.MINIMALIST]
    assert before[NudgeMode.ENCOURAGEMENT] > after[NudgeMode.ENCOURAGEMENT]


# --- Learning ------------------------------------------------------------------------------------


def weights(user: User) -> dict:
    return PersonaProfile.objects.get(user=user).learned_weights


def test_ratings_and_moves_are_weighed_the_older_the_less(db):
    user = agreed()
    PersonaProfile.objects.create(user=user)
    a_nudge(user, NOON, NudgeMode.NEUTRAL, usefulness_rating=1, helped=True)
    a_nudge(user, NOON - 60 * DAY, NudgeMode.MINIMALIST, usefulness_rating=-1)
    a_nudge(user, NOON - 200 * DAY, NudgeMode.ROAST, usefulness_rating=1)
    a_nudge(user, NOON, NudgeMode.ENCOURAGEMENT)
    assert personas.relearn([user.pk], now=NOON) == 1
    assert weights(user) == {
        "neutral": {"tried": 1.5, "helped": 1.5},
        "minimalist": {"tried": 0.5, "helped": 0.0},
    }
    personas.relearn([user.pk], now=NOON)
    assert weights(user)["neutral"]["tried"] == 1.5, "twice is once"


def test_nothing_is_learned_without_consent_or_with_adaptation_off(db):
    stranger, still = UserFactory(), agreed()
    PersonaProfile.objects.create(user=stranger)
    PersonaProfile.objects.create(user=still, adaptation_enabled=False)
    for user in (stranger, still):
        a_nudge(user, NOON, NudgeMode.NEUTRAL, usefulness_rating=1)
    assert personas.relearn([stranger.pk, still.pk], now=NOON) == 0
    assert weights(stranger) == weights(still) == {}
    assert list(personas.tones_of(stranger)) == list(personas.tones_of(still)) == []


def test_switching_adaptation_off_deletes_what_was_learned_and_on_weighs_it_again(db):
    user = agreed()
    a_nudge(user, NOON, NudgeMode.NEUTRAL, usefulness_rating=1)
    assert personas.choose(user, persona="chill", adaptation=True).learned_weights
    assert personas.choose(user, adaptation=False).learned_weights == {}
    assert personas.choose(user, adaptation=True).learned_weights["neutral"]["tried"] == 1.0
    assert personas.profile_of(user).persona_type == PersonaType.CHILL
    assert [line.words for line in personas.tones_of(user) if line.tried] == [
        "Plain: helped in about 100% of what I know"
    ]


def test_withdrawn_consent_takes_the_weights_and_what_was_seen(db):
    user = agreed()
    nudge = a_nudge(user, NOON, NudgeMode.NEUTRAL, usefulness_rating=1, helped=True)
    personas.choose(user, adaptation=True)
    withdrawal.forget_those_who_withdrew()
    assert weights(user)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    withdrawal.forget_those_who_withdrew()
    assert weights(user) == {}
    assert CoachingNudge.objects.get(pk=nudge.pk).helped is None


def test_without_consent_the_persona_keeps_its_fixed_tone(db):
    people = {kind: UserFactory() for kind in PersonaType}
    for kind, user in people.items():
        PersonaProfile.objects.create(user=user, persona_type=kind)
    standings = {user.pk: Standing(user=user, intensity=0) for user in people.values()}
    found = personas.voices(standings, {pk: str(pk) for pk in standings}, now=NOON)
    for kind, user in people.items():
        assert found[user.pk].mode == usual_mode(kind, may_roast=False)


def test_the_same_moment_gives_the_same_voice(db):
    user = agreed()
    PersonaProfile.objects.create(user=user)
    standings = {user.pk: Standing(user=user)}
    first = personas.voices(standings, {user.pk: "a"}, now=NOON)
    assert personas.voices(standings, {user.pk: "a"}, now=NOON) == first
