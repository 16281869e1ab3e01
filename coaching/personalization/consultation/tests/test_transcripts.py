"""Whole talks with people who answer late, briefly, wrongly, twice or something else, and what is written of them."""

import re
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from coaching.personalization import checks
from coaching.personalization.consultation import interviewer
from coaching.personalization.consultation.extraction import extract
from coaching.personalization.consultation.interviewer import Talk
from coaching.personalization.consultation.questions import FOLLOW_UPS, QUESTIONS
from coaching.personalization.consultation.topics import (
    Interview,
    Item,
    Kind,
    Topic,
    Understood,
)
from coaching.personalization.sentences import Sentence, profile_text, prompt_text
from coaching.personalization.writing import composer, facts
from coaching.personalization.writing.facts import Material, bare_goal
from coaching.personalization.writing.user_types import decide

from .transcripts import TALKS, Story

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
STORIES = pytest.mark.parametrize("story", TALKS.values(), ids=TALKS)

# The open question, what is said instead of an answer, and what must not be noted of it.
NEVER = [
    ("goals.why", "At the moment I walk twice a week, about 30 minutes.", "goals"),
    ("goals.why", "I eat at my desk, mostly sandwiches.", "goals"),
    ("goals.why", "I used to play tennis until two years ago.", "past_failures"),
    ("training.now", "On Mondays I come home at 8 and I'm exhausted.", "training"),
    ("training.now", "My sister says I should do yoga.", "training"),
    ("training.now", "I want to read more books", "training"),
    ("meals.day", "I have two cats.", "meals"),
    ("meals.day", "I can do 10 minutes in the morning.", "meals"),
    ("past_failures.tried", "I used to play tennis until two years ago.", "past_failures"),
    ("past_failures.tried", "I'm vegetarian.", "past_failures"),
    ("past_failures.why", "I like mornings, and short, direct answers.", "past_failures"),
    ("past_failures.why", "Please no motivational quotes.", "past_failures"),
    ("past_failures.why", "I walk to work every day.", "past_failures"),
    ("challenges.when", "I cook every evening.", "challenges"),
    ("preferences.when", "I work from home, mostly sitting.", "preferences"),
    ("goals.what", "I live in Berlin and I'm 43.", "goals"),
]


def told(story: Story) -> tuple[Understood, list[list[str]], list[tuple[str, set[Topic]]]]:
    """The talk held: what was understood, what each message added, and what was asked after it."""
    understood, interview = Understood(), Interview()
    if story.stated:
        goal = Item(Kind.GOAL, story.stated, story.stated, None, NOW)
        understood.add(Topic.GOALS, [goal])
    said = interviewer.opening(Talk(understood, interview, NOW.date()))
    added, asked = [], []
    for number, (text, _) in enumerate(story.turns, 1):
        talk = Talk(understood, interview, NOW.date(), avoid=said, turns=2 * number)
        message = UUID(int=number)
        interviewer.understand(talk, text, message_id=message, at=NOW)
        said = interviewer.reply(talk, text, message_id=message, at=NOW)
        added.append([f"{topic} {item.kind}: {item.value}" for topic, item in talk.added])
        asked.append((interview.question, {topic for topic, _ in talk.added}))
    return understood, added, asked


def written(understood: Understood) -> tuple[list[Sentence], Material]:
    """The portrait and the prompt that come of it, and what they were made from."""
    talk = SimpleNamespace(extracted=understood.as_stored(), completed_at=NOW, started_at=NOW)
    known = facts._merged(facts._said(talk, NOW))  # type: ignore[arg-type]
    usable = tuple(fact for fact in known if facts._is_usable(fact, frozenset(), NOW))
    moving = [each for fact in usable if fact.topic == "training" for each in fact.evidence]
    material = Material("seed", "Sam", *decide(moving), usable)
    return composer.compose(material), material


@STORIES
def test_each_message_is_filed_by_what_it_says(story: Story) -> None:
    assert told(story)[1] == [list(expected) for _, expected in story.turns]


@STORIES
def test_nothing_is_asked_that_was_just_told(story: Story) -> None:
    for question, topics in told(story)[2]:
        is_first = bool(question) and question not in FOLLOW_UPS and "preferences" not in question
        assert not (is_first and QUESTIONS[question].topic in topics), question


@STORIES
def test_what_is_written_of_it_keeps_its_length_and_repeats_nothing(story: Story) -> None:
    sentences, material = written(told(story)[0])
    assert checks.findings(sentences, material) == []
    for text in (profile_text(sentences), prompt_text(sentences)):
        parts = Counter(part.strip() for part in re.split(r"[.;:]", text) if len(part.split()) >= 4)
        assert [part for part, times in parts.items() if times > 1] == []


@pytest.mark.parametrize(("question", "said", "topic"), NEVER)
def test_what_is_no_answer_is_not_taken_for_one(question: str, said: str, topic: str) -> None:
    found = extract(said, asked=QUESTIONS[question].asked, today=NOW.date())
    kinds = {Kind.EXPERIENCE, Kind.GOOD, Kind.ROOM}
    assert not [each for each in found if each.topic == topic and each.kind not in kinds]


@pytest.mark.parametrize(
    "said",
    ["I can do 45 minutes a day", "I feel best after being outside", "I like mornings"],
)
def test_only_a_no_draws_a_line(said: str) -> None:
    asked = QUESTIONS["preferences.more"].asked
    kinds = {each.kind for each in extract(said, asked=asked, today=NOW.date())}
    assert kinds
    assert not kinds & {Kind.AVOID, Kind.BOUNDARY}
    item = Item(Kind.AVOID, said, said, UUID(int=1), NOW)  # as another writer may have filed it
    prompt = prompt_text(written(Understood({Topic.PREFERENCES: [item]}))[0])
    assert "respect that" not in prompt
    assert "leave" not in prompt.partition(said.removeprefix("I "))[2].partition(".")[0]


def test_a_goal_told_more_fully_takes_the_place_of_the_one_from_sign_up() -> None:
    stated = bare_goal("Run a 5K in 3 months, I have 45 minutes a day")
    assert stated == "Run a 5K in 3 months"
    understood = Understood()
    understood.add(Topic.GOALS, [Item(Kind.GOAL, stated, stated, None, NOW)])
    fuller = Item(Kind.GOAL, "run a 5K with my sister", "I want to run a 5K", UUID(int=1), NOW)
    understood.add(Topic.GOALS, [fuller])
    assert understood.of(Topic.GOALS) == [fuller]


def test_a_choice_in_settings_is_not_told_as_words() -> None:
    chosen = Item(Kind.STYLE, "warm and encouraging", "warm and encouraging", None, NOW)
    sentences, _ = written(Understood({Topic.PREFERENCES: [chosen]}))
    assert "encouraging" not in prompt_text(sentences) + profile_text(sentences)
