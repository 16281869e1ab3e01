"""Draws people and dialogues from the pieces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from . import pieces

PEOPLE = 30
HELD_BACK_PEOPLE = range(20, 30)
STATEMENTS = 300
QUESTIONS = 20
DIALOGUES = 10
HELD_BACK_DIALOGUES = range(6, 10)
SESSIONS = 14
BEGIN = datetime(2024, 1, 8, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Statement:
    """One thing that was said, and when."""

    key: str
    text: str
    at: datetime
    speaker: str = ""
    closed_at: datetime | None = None  # when a later one contradicted it


@dataclass(frozen=True)
class Question:
    """A question and the keys of all that answers it; `as_of` for what held at that time."""

    text: str
    evidence: frozenset[str]
    as_of: datetime | None = None


@dataclass
class Case:
    """What is remembered of one person or dialogue, and what is asked."""

    name: str
    held_back: bool
    statements: list[Statement] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def people() -> list[Case]:
    """Thirty people with 300 statements and 20 questions each."""
    return [_person(number) for number in range(PEOPLE)]


def dialogues() -> list[Case]:
    """Ten pairs of friends who talk for months, asked about by name."""
    return [_dialogue(number) for number in range(DIALOGUES)]


def _form(forms: tuple[str, ...], held_back: bool, draw: Random) -> str:
    return forms[-1] if held_back else draw.choice(forms[:-1])


def _filled(text: str, draw: Random, **known: str) -> str:
    def filling(match: re.Match[str]) -> str:
        name = match.group(1)
        return known[name] if name in known else draw.choice(pieces.FILLINGS[name])

    whole = re.sub(r"\{(\w+)\}", filling, text)
    return whole[0].upper() + whole[1:]


@dataclass(frozen=True)
class _Told:
    """A statement whose moment is still to be drawn, the question for it and another way to ask the same."""

    text: str
    question: str = ""
    rest: str = ""
    value: str = ""
    other_question: str = ""


def _tellings(draw: Random, held_back: bool) -> Iterator[list[_Told]]:
    """The things worth asking for: each a list of tellings in order of time, the last of which holds."""
    for fact in pieces.FACTS:
        values = draw.sample(fact.values, 2 if draw.random() < 0.6 else 1)
        forms = draw.sample(fact.said, len(values))
        question = _form(fact.asked, held_back, draw)
        another = draw.choice([asked for asked in fact.asked if asked != question])
        yield [
            _Told(_filled(said, draw, v=value), question, value=value, other_question=another)
            for said, value in zip(forms, values, strict=True)
        ]
    names = draw.sample(pieces.NAMES, len(pieces.NAMES))
    for index, event in enumerate(draw.sample(pieces.EVENTS, len(pieces.EVENTS))):
        known = {
            "n": names[index % 12],
            "p": draw.choice(pieces.PLACES),
            "f": draw.choice(pieces.FOODS),
        }
        question = _form(event.asked, held_back, draw)
        yield [_Told(_filled(event.said, draw, **known), question, rest=event.rest)]
    for index, relation in enumerate(draw.sample(pieces.RELATIONS, 6)):
        name = names[12 + index]
        for said, asked, jobs in draw.sample(pieces.ABOUT_OTHERS, 2):
            text = _filled(said, draw, n=f"my {relation} {name}", v=draw.choice(jobs))
            yield [_Told(text, _form(asked, held_back, draw).format(n=name))]


def _person(number: int) -> Case:
    draw = Random(f"person {number}")
    held_back = number in HELD_BACK_PEOPLE
    case = Case(f"person {number}", held_back)
    told = list(_tellings(draw, held_back))
    count = sum(len(tellings) for tellings in told)
    rests = [tellings[-1].rest for tellings in told if tellings[-1].rest]
    chatter = [
        _filled(draw.choice(pieces.CHATTER), draw) for _ in range(STATEMENTS - count - len(rests))
    ] + rests
    moments = sorted(draw.sample(range(STATEMENTS * 40), STATEMENTS))
    slots = draw.sample(range(STATEMENTS), STATEMENTS)
    whens = [BEGIN + timedelta(hours=moment) for moment in moments]
    candidates: list[Question] = []
    for tellings in told:
        mine = sorted(slots.pop() for _ in tellings)
        keys = [f"{number}-{slot}" for slot in mine]
        for index, (each, slot) in enumerate(zip(tellings, mine, strict=True)):
            later = whens[mine[index + 1]] if index + 1 < len(mine) else None
            case.statements.append(Statement(keys[index], each.text, whens[slot], closed_at=later))
        candidates.append(Question(tellings[-1].question, frozenset({keys[-1]})))
        if len(tellings) > 1:
            between = whens[mine[0]] + (whens[mine[1]] - whens[mine[0]]) / 2
            candidates.append(Question(tellings[0].question, frozenset({keys[0]}), between))
    for text in chatter:
        slot = slots.pop()
        case.statements.append(Statement(f"{number}-{slot}", text, whens[slot]))
    case.statements.sort(key=lambda statement: statement.at)
    case.questions = draw.sample(candidates, QUESTIONS)
    return case


def _dialogue(number: int) -> Case:
    draw = Random(f"dialogue {number}")
    held_back = number in HELD_BACK_DIALOGUES
    case = Case(f"dialogue {number}", held_back)
    friends = draw.sample(pieces.NAMES, 2)
    known_names = set(friends)
    told = [
        (friend, tellings[-1])
        for friend in friends
        for tellings in _tellings(draw, held_back)
        if not known_names & set(re.findall(r"\w+", tellings[-1].text))
    ]
    draw.shuffle(told)
    candidates: list[Question] = []
    share = -(-len(told) // SESSIONS)
    for session in range(SESSIONS):
        at = BEGIN + timedelta(days=session * 13 + draw.randrange(6), hours=draw.randrange(14))
        lines: list[tuple[str, str, str]] = []  # who, what, the question it answers
        speaker = draw.choice(friends)
        lines.append(
            (speaker, f"Hey {_other(friends, speaker)}! {draw.choice(pieces.SMALL_TALK)}", "")
        )
        for friend, each in told[session * share : (session + 1) * share]:
            other = _other(friends, friend)
            opening = draw.choice(pieces.OPENINGS).format(other=other)
            text = opening + each.text
            if (
                each.value and draw.random() < 0.5
            ):  # asked by the friend: the answer alone says little
                lines.append((other, _as_you(each.other_question), ""))
                text = f"{draw.choice(pieces.ANSWERS)} {each.value}."
            lines.append((friend, text, _by_name(each.question, friend)))
            lines.append((other, draw.choice(pieces.REACTIONS).format(other=friend), ""))
            reply = each.rest or draw.choice(pieces.REPLIES).format(other=other)
            lines.append((friend, reply, ""))
            if draw.random() < 0.5:
                lines.append((other, _filled(draw.choice(pieces.CHATTER), draw), ""))
            if draw.random() < 0.3:
                lines.append((friend, draw.choice(pieces.SMALL_TALK), ""))
        for index, (who, text, question) in enumerate(lines, start=1):
            key = f"D{session + 1}:{index}"
            case.statements.append(Statement(key, text, at, who))
            if question:
                candidates.append(Question(question, frozenset({key})))
    case.questions = draw.sample(candidates, min(60, len(candidates)))
    return case


def _other(friends: list[str], friend: str) -> str:
    return friends[1] if friend == friends[0] else friends[0]


def _as_you(question: str) -> str:
    """A question about oneself as one asks a friend."""
    for own, yours in (
        (r"\bam I\b", "are you"),
        (r"\bI am\b", "you are"),
        (r"\bI\b|\bme\b", "you"),
        (r"\bmy\b", "your"),
    ):
        question = re.sub(own, yours, question)
    return question


def _by_name(question: str, name: str) -> str:
    """A question about oneself as somebody else would ask it."""
    for own, theirs in (
        (r"\bdo I\b", f"does {name}"),
        (r"\bam I\b", f"is {name}"),
        (r"\bhave I\b", f"has {name}"),
        (r"\bI was\b", f"{name} was"),
        (r"\bI\b", name),
        (r"\bmy\b", f"{name}'s"),
        (r"\bme\b", name),
    ):
        question = re.sub(own, theirs, question)
    return question
