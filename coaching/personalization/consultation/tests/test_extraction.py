"""What is understood of the many ways in which people say things."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.personalization.consultation.extraction import Asked, extract
from coaching.personalization.consultation.questions import QUESTIONS
from coaching.personalization.consultation.topics import RULES

TODAY = date(2026, 11, 21)

# The question that is open, what the person says, and what is understood: "topic kind: value".
TOLD = [
    # Goals
    ("goals.what", "I want to run a 5K", ["goals goal: run a 5K"]),
    ("goals.what", "lose some weight", ["goals goal: lose some weight"]),
    ("goals.what", "my goal is to sleep better", ["goals goal: sleep better"]),
    ("goals.what", "More energy.", ["goals goal: More energy"]),
    (
        "goals.what",
        "run a 10k in 3 months",
        ["goals goal: run a 10k", "goals timeframe: by 21 February 2027"],
    ),
    (
        "goals.what",
        "I'd like to get stronger because my back gives me trouble",
        ["goals goal: get stronger", "goals reason: my back gives me trouble"],
    ),
    ("goals.what", "to keep up with my kids", ["goals goal: keep up with my kids"]),
    ("goals.why", "I want to keep up with my kids", ["goals reason: want to keep up with my kids"]),
    ("goals.why", "because I'm tired of being tired", ["goals reason: tired of being tired"]),
    (
        "goals.why",
        "my dad had a heart attack at 50",
        ["goals reason: my dad had a heart attack at 50"],
    ),
    ("goals.why", "for myself", ["goals reason: for myself"]),
    # Training
    ("training.now", "I run twice a week", ["training activity: running, twice a week"]),
    ("training.now", "football on Sundays", ["training activity: football, once a week"]),
    ("training.now", "gym 3x a week", ["training activity: gym, 3 times a week"]),
    ("training.now", "yoga and swimming", ["training activity: yoga and swimming"]),
    (
        "training.now",
        "I walk the dog every day, 30 minutes",
        ["training activity: walking, every day, 30 minutes"],
    ),
    ("training.now", "I don't exercise", ["training nothing: no regular training at the moment"]),
    ("training.now", "no sports at all", ["training nothing: no regular training at the moment"]),
    ("training.now", "nothing really", ["training nothing: no regular training at the moment"]),
    ("training.now", "I sit all day", ["training pattern: sit all day"]),
    ("training.now", "I cycle to work", ["training activity: cycling"]),
    ("training.now", "I hate running", ["training avoid: hate running"]),
    (
        "training.now",
        "a bit of pilates, but I have a bad knee",
        ["training activity: pilates", "training limit: bad knee"],
    ),
    ("training.often", "3x a week", ["training frequency: 3 times a week"]),
    ("training.often", "once a week", ["training frequency: once a week"]),
    ("training.often", "every day", ["training frequency: every day"]),
    ("training.often", "twice a month or so", ["training frequency: a few times a month"]),
    # Eating
    ("meals.day", "I skip breakfast", ["meals pattern: skip breakfast"]),
    ("meals.day", "I usually skip breakfast", ["meals pattern: usually skip breakfast"]),
    ("meals.day", "canteen at lunch", ["meals pattern: canteen at lunch"]),
    ("meals.day", "my wife cooks", ["meals pattern: my wife cooks"]),
    ("meals.day", "I'm vegetarian", ["meals diet: vegetarian"]),
    (
        "meals.day",
        "chocolate at night when I'm stressed",
        ["meals pattern: chocolate at night when I'm stressed"],
    ),
    ("meals.day", "lots of takeaway", ["meals pattern: lots of takeaway"]),
    ("meals.day", "normal I guess", ["meals pattern: normal I guess"]),
    # What gets in the way
    ("challenges.what", "time", ["challenges obstacle: time"]),
    ("challenges.what", "Work.", ["challenges obstacle: Work"]),
    ("challenges.what", "my biggest problem is late shifts", ["challenges obstacle: late shifts"]),
    ("challenges.what", "I'm too tired after work", ["challenges obstacle: too tired after work"]),
    ("challenges.what", "I forget", ["challenges obstacle: forget"]),
    (
        "challenges.what",
        "I eat when I'm stressed",
        ["challenges obstacle: eat when I'm stressed"],
    ),
    ("challenges.when", "weekday evenings", ["challenges moment: weekday evenings"]),
    (
        "challenges.when",
        "Evenings, when the kids are in bed",
        ["challenges moment: Evenings, when the kids are in bed"],
    ),
    # What was tried
    (
        "past_failures.tried",
        "I tried a gym twice but stopped after a month",
        ["past_failures attempt: tried a gym twice but stopped after a month"],
    ),
    ("past_failures.tried", "Weight Watchers", ["past_failures attempt: Weight Watchers"]),
    (
        "past_failures.tried",
        "a diary, it lasted two weeks",
        ["past_failures attempt: a diary, it lasted two weeks"],
    ),
    ("past_failures.why", "too much at once", ["past_failures cause: too much at once"]),
    ("past_failures.why", "I got bored", ["past_failures cause: got bored"]),
    ("past_failures.why", "injury", ["past_failures cause: injury"]),
    # How to coach
    ("preferences.how", "gently", ["preferences style: gentle and encouraging"]),
    ("preferences.how", "just the facts please", ["preferences style: short, just the facts"]),
    ("preferences.how", "be honest with me", ["preferences style: straight to the point"]),
    ("preferences.how", "tough love", ["preferences style: straight to the point"]),
    (
        "preferences.how",
        "encouraging, no nagging",
        ["preferences style: gentle and encouraging", "preferences avoid: no nagging"],
    ),
    ("preferences.how", "with a bit of humor", ["preferences style: with some humour"]),
    ("preferences.how", "don't lecture me", ["preferences avoid: don't lecture me"]),
    (
        "preferences.how",
        "don't make me feel guilty. humor is good",
        ["preferences avoid: don't make me feel guilty", "preferences style: with some humour"],
    ),
    ("preferences.how", "no idea, like a friend", ["preferences pattern: like a friend"]),
    ("preferences.when", "mornings", ["preferences time_of_day: mornings suit best"]),
    ("preferences.when", "after work", ["preferences time_of_day: evenings suit best"]),
    ("preferences.when", "at lunch", ["preferences time_of_day: midday suits best"]),
    (
        "preferences.when",
        "I'm not a morning person",
        ["preferences time_of_day: evenings suit best"],
    ),
    # Several things at once, and answers that are about something else
    (
        "goals.what",
        "I'd like more energy. I run 3x a week, I'm vegetarian, and my problem is late shifts",
        [
            "goals goal: more energy",
            "training activity: running, 3 times a week",
            "meals diet: vegetarian",
            "challenges obstacle: late shifts",
        ],
    ),
    (
        "training.now",
        "I run twice a week, skip breakfast most days, and I want to be able to do a pull-up",
        [
            "training activity: running, twice a week",
            "meals pattern: skip breakfast most days",
            "goals goal: do a pull-up",
        ],
    ),
    (
        "meals.day",
        "Please be direct with me. I cook in the evening.",
        ["preferences style: straight to the point", "meals pattern: cook in the evening"],
    ),
    (
        "challenges.what",
        "I tried Noom for two months but gave up",
        ["past_failures attempt: tried Noom for two months but gave up"],
    ),
    ("training.often", "3", ["training frequency: 3 times a week"]),
    ("training.now", "2x", ["training frequency: twice a week"]),
    (
        "training.now",
        "Nope, haven't done sports since school",
        ["training nothing: no regular training at the moment"],
    ),
    (
        "goals.what",
        "everything is too much lately",
        ["challenges obstacle: everything is too much lately"],
    ),
    (
        "challenges.when",
        "my husband cooks, I eat leftovers",
        ["meals pattern: my husband cooks, I eat leftovers"],
    ),
    # Nothing that was said: questions, symptoms, not knowing
    ("goals.what", "hmm I don't really know, I just feel stuck", []),
    ("training.now", "she is 4", []),
    ("meals.day", "...", []),
    ("goals.what", "What do you mean?", []),
    ("training.now", "How many times should I run a week?", []),
    ("training.now", "I get chest pain when I run", []),
    (
        "training.now",
        "I swim on Fridays. Sometimes I get chest pain.",
        ["training activity: swimming, once a week"],
    ),
]


@pytest.mark.parametrize(("question", "said", "understood"), TOLD, ids=lambda each: str(each)[:40])
def test_a_message_is_understood(question: str, said: str, understood: list[str]) -> None:
    found = extract(said, asked=QUESTIONS[question].asked, today=TODAY)
    assert sorted(f"{each.topic} {each.kind}: {each.value}" for each in found) == sorted(understood)
    assert all(each.quote in said for each in found)


def test_the_table_is_long_enough() -> None:
    assert len(TOLD) >= 60


@given(st.text(max_size=300), st.sampled_from(sorted(QUESTIONS)))
@settings(max_examples=40)
def test_no_text_breaks_it_and_every_quote_is_true(text: str, key: str) -> None:
    for asked in (QUESTIONS[key].asked, Asked(QUESTIONS[key].topic, QUESTIONS[key].kind), None):
        for found in extract(text, asked=asked, today=TODAY):
            assert found.quote in text
            assert 0 < len(found.value) <= RULES.longest_value
