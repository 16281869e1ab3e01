"""The crisis screen answers people in danger and leaves figures of speech alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.safety import CrisisCategory, screen

IN_DANGER = [
    ("I want to die", "suicide"),
    ("i dont want to live anymore", "suicide"),
    ("I don’t want to be here anymore.", "suicide"),
    ("Sometimes I think everyone would be better off without me", "suicide"),
    ("thinking about killing myself tonight", "suicide"),
    ("I'm going to KILL MYSELF!!!", "suicide"),
    ("k1ll mys3lf", "suicide"),
    ("s u i c i d e", "suicide"),
    ("kms honestly", "suicide"),
    ("I've been feeling suicidal", "suicide"),
    ("I'm not suicidal but I keep thinking about it", "suicide"),
    ("I wish I was dead", "suicide"),
    ("i wish i wouldn't wake up", "suicide"),
    ("I just want to end it all", "suicide"),
    ("there's no point in living", "suicide"),
    ("I feel like jumping off a bridge", "suicide"),
    ("I wrote a goodbye note", "suicide"),
    ("I've been cutting myself again", "self_harm"),
    ("I keep hurting myself when I'm stressed", "self_harm"),
    ("self-harm is back", "self_harm"),
    ("I took all my sleeping pills", "overdose"),
    ("I think I overdosed", "overdose"),
    ("my husband hits me", "violence"),
    ("I was raped", "violence"),
    ("quiero morir", "suicide"),
    ("ya no quiero vivir más", "suicide"),
    ("je veux mourir", "suicide"),
    ("J'ai envie d'en finir, je veux me tuer", "suicide"),
    ("Ich will nicht mehr leben", "suicide"),
    ("ich möchte mich umbringen", "suicide"),
    ("quero morrer", "suicide"),
    ("voglio morire", "suicide"),
    ("ik wil niet meer leven", "suicide"),
    ("I want to\u200b kill\u200b myself", "suicide"),
    ("Bad day.\nI want to\ndie", "suicide"),
    ("I keep thinking about killing\tmyself", "suicide"),
    ("i want to k!ll my$elf", "suicide"),
    ("su!cide is all I think about", "suicide"),
]

NOT_IN_DANGER = [
    "this workout is killing me",
    "My legs are absolutely killing me after yesterday",
    "I could kill for a pizza",
    "I'm dying to try the new gym",
    "I killed it today!",
    "we did suicide sprints at practice",
    "I have a deadline on Friday and I'm dead tired",
    "I cut myself some slack this week",
    "I hurt myself at the gym, my shoulder is sore",
    "help me run a 5K in 3 months",
    "I want to stop smoking",
    "I don't want to live in the city anymore",
    "I need to kill time before the train",
    "it hit me that I never plan my week",
    "My grandmother died last year and I miss her",
    "I failed again and I feel terrible",
    "quiero vivir mejor",
    "I want to be here for my kids",
    "I can't live without coffee",
]


@pytest.mark.parametrize(("text", "category"), IN_DANGER)
def test_answers_people_in_danger(text: str, category: str) -> None:
    hit = screen(text)
    assert hit is not None
    assert hit.category == CrisisCategory(category)


@pytest.mark.parametrize("text", NOT_IN_DANGER)
def test_leaves_everyday_words_alone(text: str) -> None:
    assert screen(text) is None


def test_knows_when_it_is_about_somebody_else() -> None:
    hit = screen("my best friend says he wants to kill himself")
    assert hit is not None
    assert hit.about_another


def test_two_people_in_danger_is_about_the_writer_too() -> None:
    hit = screen("my brother took his life and now I want to kill myself")
    assert hit is not None
    assert not hit.about_another


@given(st.text())
def test_never_fails_whatever_is_written(text: str) -> None:
    screen(text)


@given(
    st.text(alphabet="abc xyz.,\n", max_size=60),
    st.text(alphabet="abc xyz.,\n", max_size=60),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_finds_the_words_wherever_and_however_they_stand(before, after, case) -> None:
    assert screen(f"{before} {case('i want to kill myself')} {after}") is not None
