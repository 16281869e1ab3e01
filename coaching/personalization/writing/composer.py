"""The built-in writer: a portrait and a prompt from facts and the coach's own way of working, in fixed lengths.

Which words are chosen depends on the person and the fact alone, so that the same facts are told in the same
words next time and a new version differs only where something changed. With little known it has more to
say about how to work and what to find out; it never fills a gap with a guess.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random
from zlib import crc32

from coaching.models import UserType
from coaching.personalization import checks
from coaching.personalization.checks import LENGTHS
from coaching.personalization.sentences import (
    PROFILE,
    Evidence,
    EvidenceKind,
    Section,
    Sentence,
    confidence_of,
    in_order,
)

from . import phrases, stances
from .facts import Fact, Material, closes_food, is_about_weight, is_disputed
from .own_words import own_sentence
from .wording import in_short, lowered, quoted, safe_name, told

# Words of the prompt that facts may take, and the length it is filled up to (ours).
FACT_WORDS = 430
PROMPT_WORDS = 610
PORTRAIT_WORDS = 195
PORTRAIT_FACT_WORDS = 180
# Sentences per topic; what comes first was said first or most often.
MOST = {
    "goals": 5,
    "training": 5,
    "meals": 4,
    "challenges": 5,
    "past_failures": 4,
    "preferences": 6,
    "behavior": 8,
}
MOST_IN_PORTRAIT = {"behavior": 2}
PORTRAIT_PER_TOPIC = 3
ORDER = ("goals", "training", "meals", "challenges", "past_failures", "behavior", "preferences")
STANCES_FIRST = 3
METHOD_FIRST = 2


def compose(material: Material) -> list[Sentence]:
    """The portrait and the prompt of one person, within the lengths."""
    who = Who(material.name)
    own = [own_sentence(material.name, words) for words in material.own_words]
    weight = [fact for fact in material.facts if is_about_weight(fact)]
    groups = {
        topic: _groups([fact for fact in material.of(topic) if fact not in weight])
        for topic in ORDER
    }
    if weight:  # one sentence for all of it, wherever it came up
        groups["goals"].insert(1, weight)
    used = sum(each.words for each in own)
    facts = _tell_all(groups, who, material.seed, FACT_WORDS - used)
    portrait = _portrait(groups, who, material)
    return fitted(
        [*portrait, *facts, *own, _type_sentence(material, who)],
        seed=material.seed,
        name=material.name,
        template=material.user_type,
        disputed=material.disputed,
        unknown=[topic for topic in ORDER if not material.of(topic)],
    )


def fitted(
    sentences: Sequence[Sentence],
    *,
    seed: str,
    name: str,
    template: str,
    disputed: Iterable[str] = (),
    unknown: Sequence[str] | None = None,
) -> list[Sentence]:
    """`sentences` filled up with, or cut down to, what the lengths ask for.

    What is filled in is the coach's own way of working for `template` and, for topics that are `unknown`,
    what is to be found out. What the person put in their own words is never cut.
    """
    who = Who(safe_name(name))
    kept = list(dict.fromkeys(sentences))
    if unknown is None:
        known = {key.partition(":")[0] for each in kept for key in each.fact_keys}
        # Measured things go by other names; a topic that is known needs no question.
        known |= {"behavior"} if known & {"metric", "known"} else set()
        known |= {"preferences"} if "settings" in known else set()
        unknown = [topic for topic in ORDER if topic not in known]
    gone = set(disputed)
    user_type = UserType(template) if template in UserType.values else UserType.BEGINNER
    for is_portrait, target, most, padding in (
        (True, PORTRAIT_WORDS, LENGTHS.profile[1], _portrait_padding(user_type, unknown, seed)),
        (False, PROMPT_WORDS, LENGTHS.prompt[1], _padding(user_type, unknown, seed)),
    ):
        own_part = [each for each in kept if (each.section == PROFILE) == is_portrait]
        own_part = _cut(own_part, most)
        length = sum(each.words for each in own_part)
        said = {each.text for each in own_part}
        for is_needed, section, key, text in padding:
            sentence = _own_way(section, key, who.fill(text))
            if sentence.text in said or is_disputed(key, gone):
                continue
            if length + sentence.words > most or (length >= target and not is_needed):
                continue
            own_part.append(sentence)
            length += sentence.words
        kept = [each for each in kept if (each.section == PROFILE) != is_portrait] + own_part
    return _arranged(kept)


class Who:
    """How the person is called in a sentence."""

    def __init__(self, name: str) -> None:
        self.name = name or "this person"

    def fill(self, template: str, **words: str) -> str:
        start = self.name[:1].upper() + self.name[1:]
        return template.format(name=self.name, Name=start, names=f"{self.name}'s", **words)


def _own_way(section: str, key: str, text: str) -> Sentence:
    evidence = Evidence(EvidenceKind.TEMPLATE, "How the coach works", None, key, key)
    return Sentence(section, text, (key,), (evidence,))


Padding = list[tuple[bool, str, str, str]]  # is needed, section, key, text


def _padding(user_type: UserType, unknown: Sequence[str], seed: str) -> Padding:
    rng = Random(f"{seed}:prompt")
    opening = rng.choice(stances.OPENINGS)
    stance = list(stances.STANCE[user_type])
    method = rng.sample(list(stances.METHOD), len(stances.METHOD))
    more = rng.sample(list(stances.OPEN_MORE), len(stances.OPEN_MORE))
    keyed = _keyed(f"stance-{user_type}", Section.STANCE, stance)
    keyed_method = _keyed("method", Section.METHOD, method)
    questions = [
        (True, Section.OPEN.value, f"open:{topic}", stances.OPEN[topic]) for topic in unknown
    ]
    needed = [
        (True, Section.STANCE.value, _stance_key("opening", opening), opening),
        *(_needed(each) for each in keyed[:STANCES_FIRST]),
        *(_needed(each) for each in _keyed("limits", Section.LIMITS, list(stances.LIMITS))),
        *questions,
        *(_needed(each) for each in keyed_method[:METHOD_FIRST]),
    ]
    return [
        *needed,
        *keyed[STANCES_FIRST:],
        *keyed_method[METHOD_FIRST:],
        *_keyed("find-out", Section.OPEN, more),
    ]


def _portrait_padding(user_type: UserType, unknown: Sequence[str], seed: str) -> Padding:
    rng = Random(f"{seed}:portrait")
    opening = rng.choice(stances.PORTRAIT_OPENINGS)
    more = rng.sample(list(stances.PORTRAIT_MORE), len(stances.PORTRAIT_MORE))
    missing = [(False, PROFILE, f"open:{topic}", stances.PORTRAIT_OPEN[topic]) for topic in unknown]
    kind = stances.PORTRAIT_TYPES[user_type]
    return [
        (True, PROFILE, _stance_key("portrait", opening), opening),
        (True, PROFILE, _stance_key("portrait", kind), kind),
        *missing,
        *_keyed("portrait", PROFILE, more),
    ]


def _keyed(name: str, section: str, texts: Sequence[str]) -> Padding:
    return [(False, str(section), _stance_key(name, text), text) for text in texts]


def _needed(padding: tuple[bool, str, str, str]) -> tuple[bool, str, str, str]:
    return (True, *padding[1:])


def _stance_key(name: str, text: str) -> str:
    return f"stance:{name}-{crc32(text.encode()):08x}"


def _type_sentence(material: Material, who: Who) -> Sentence:
    """The first sentence of the stance; it rests on what was said of training, when it rests on anything."""
    text = who.fill(stances.STANCE[material.user_type][0])
    key = _stance_key(f"stance-{material.user_type}", stances.STANCE[material.user_type][0])
    way = Evidence(EvidenceKind.TEMPLATE, "How the coach works", None, key, key)
    return Sentence(Section.STANCE, text, (key,), (way,))


# --- Facts ------------------------------------------------------------------------------------------
Group = list[Fact]
STYLE = "style:"


def _groups(facts: Sequence[Fact]) -> list[Group]:
    """Facts that rest on the same words are told together, and those with more sources first."""
    by_words: dict[str, Group] = {}
    first: dict[str, int] = {}
    for place, fact in sorted(enumerate(facts), key=lambda each: (-len(each[1].quote), each[0])):
        words = fact.quote.casefold() if fact.kind not in phrases.CHOSEN else ""
        words = words or fact.key
        if fact.kind == "style":  # how to talk to somebody is one wish, in whatever words
            words = STYLE
        whole = next((each for each in by_words if words in each and each != STYLE), words)
        by_words.setdefault(whole, []).append(fact)
        first[whole] = min(first.get(whole, place), place)

    def weight(whole: str) -> tuple[int, int]:
        return -max(len(each.evidence) for each in by_words[whole]), first[whole]

    # Within a group the one with the longest words comes first: the others stand in it.
    return [by_words[whole] for whole in sorted(by_words, key=weight)]


def _tell_all(groups: dict[str, list[Group]], who: Who, seed: str, budget: int) -> list[Sentence]:
    """The topics in turn, round by round, until the words are used up."""
    chosen = _Chosen(seed)
    said: dict[str, list[Sentence]] = {topic: [] for topic in ORDER}
    quotes: set[str] = set()
    for turn in range(max(MOST.values())):
        for topic in ORDER:
            if turn >= min(MOST[topic], len(groups[topic])):
                continue
            group = groups[topic][turn]
            is_first = not said[topic]
            is_told = group[0].quote.casefold() in quotes and not is_about_weight(group[0])
            if is_told and not is_first and topic != "behavior":
                continue
            sentence = _tell(group, topic, who, chosen)
            if sentence is None or (sentence.words > budget and not is_first):
                continue
            quotes.add(group[0].quote.casefold())
            said[topic].append(sentence)
            budget -= sentence.words
    return [sentence for topic in ORDER for sentence in said[topic]]


def _tell(group: Group, topic: str, who: Who, chosen: "_Chosen") -> Sentence | None:
    """One sentence for facts that rest on the same words: the first way of saying it that passes the checks."""
    fact = group[0]
    section = stances.SECTION_OF_TOPIC[topic]
    if topic == "behavior":
        return _checked([_measured(fact)], section, group, who, _filler(fact, who))
    if closes_food(fact):
        return _checked([phrases.FOOD_CLOSED], section, group, who, _filler(fact, who))
    if is_about_weight(fact):
        return _checked(phrases.WEIGHT, section, group, who, _filler(fact, who))
    if phrases.SELF_BLAME.search(fact.quote):
        return _checked([phrases.BLAMED], section, group, who, _filler(fact, who))
    key = _way_of(fact, topic, phrases.SAID)
    clause = told(_best_part(fact))
    ways = _ways(key, phrases.SAID, clause, chosen)
    advice = _advice(fact, topic, chosen)
    fill = _filler(fact, who, clause, group)
    return _checked([f"{way} {advice}" for way in ways if advice] + ways, section, group, who, fill)


def _way_of(fact: Fact, topic: str, ways: dict[tuple[str, str], phrases.Ways]) -> tuple[str, str]:
    """Under which heading a fact is told."""
    kind = "limit" if topic == "training" and phrases.BODY.search(fact.quote) else fact.kind
    if kind in ("avoid", "boundary") and not phrases.LIMITING.search(fact.quote or fact.value):
        kind = ""  # only a no draws a line
    return (topic, kind) if (topic, kind) in ways else (topic, "")


def _ways(
    key: tuple[str, str], table: dict[tuple[str, str], phrases.Ways], clause: str, chosen: "_Chosen"
) -> list[str]:
    """The next ways to say a thing of this kind, as a clause first where it can be told, and quoted otherwise.

    When a kind's own ways are used up, those of its topic follow.
    """
    for each in dict.fromkeys([key, (key[0], "")]):
        with_quote, with_clause = table.get(each, ((), ()))
        slot = ":".join(each)
        by_quote = chosen.next_of(f"{slot}:q", with_quote)
        by_clause = chosen.next_of(f"{slot}:c", with_clause)
        ways = [way for way in (by_clause if clause else None, by_quote) if way]
        if ways:
            return ways
    return []


def _filler(
    fact: Fact, who: Who, clause: str = "", group: Sequence[Fact] = ()
) -> Callable[[str], str]:
    together = group if fact.kind == "style" and group else [fact]
    values = list(dict.fromkeys(_value(each) for each in together))

    def fill(way: str) -> str:
        return who.fill(way, q=quoted(_best_part(fact)), c=clause, v=_listed(values))

    return fill


def _listed(values: Sequence[str]) -> str:
    return " as well as ".join(part for part in (", ".join(values[:-1]), *values[-1:]) if part)


def _value(fact: Fact) -> str:
    if fact.topic == "behavior":
        return lowered((fact.value.partition("|")[2] or fact.value).rstrip("."))
    if fact.kind in phrases.CHOSEN:
        return fact.value
    if fact.kind in ("frequency", "duration"):  # of what, only the whole remark tells
        return quoted(_best_part(fact))
    return in_short(fact.value, _best_part(fact))


def _measured(fact: Fact) -> str:
    name = fact.key.partition(":")[2]
    if fact.kind == "known":
        return phrases.KNOWN[name]
    count = re.match(r"(\d+) of (\d+)", fact.value)
    share = int(count[1]) / max(1, int(count[2])) if count else 0.0
    level = next((words for floor, words in phrases.LEVELS.get(name, ()) if share >= floor), "")
    times = fact.evidence[0].text.partition(": ")[2]
    way = phrases.MEASURED.get(name, "By the record: {v}.")
    if name not in ("logging", "adherence", "streak") and times:
        way = way.replace("{v}", times)
    return way.replace("{level}", level)


def _best_part(fact: Fact) -> str:
    """Of a longer remark, the sentence that shows the fact."""
    parts = re.split(r"(?<=[.!?…])\s+", fact.quote or fact.value)
    wanted = set(re.findall(r"\w+", fact.value.casefold()))
    best = max(parts, key=lambda part: len(wanted & set(re.findall(r"\w+", part.casefold()))))
    return best if len(best.split()) >= 3 else (fact.quote or fact.value)


def _advice(fact: Fact, topic: str, chosen: "_Chosen") -> str:
    if topic == "past_failures" and fact.kind in ("attempt", ""):
        return chosen.any_of("after failure", phrases.AFTER_FAILURE)
    if topic != "challenges" or fact.kind in ("schedule", "moment"):
        return ""
    words = f"{fact.value} {fact.quote}"
    for number, (pattern, advice) in enumerate(phrases.ADVICE):
        if pattern.search(words):
            return chosen.any_of(f"advice {number}", advice)
    return chosen.any_of("advice", phrases.ANY_ADVICE)


def _checked(
    ways: Sequence[str], section: str, group: Group, who: Who, fill: Callable[[str], str]
) -> Sentence | None:
    evidence = tuple(dict.fromkeys(each for fact in group for each in fact.evidence))
    for way in ways:
        sentence = Sentence(
            section,
            _tidy(fill(way)),
            tuple(fact.key for fact in group),
            evidence,
            is_observation=any(fact.is_observation for fact in group),
        )
        if not checks.problems_of(sentence, who.name):
            return sentence
    return None


def _tidy(text: str) -> str:
    text = re.sub(r"([?!…])”\.", r"\1”", text)
    text = re.sub(r"([.?!…])\.(?=\s|$)", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


class _Chosen:
    """Picks among ways of saying things, none of them twice in one text."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._used: dict[str, int] = {}

    def next_of(self, slot: str, ways: Sequence[str]) -> str | None:
        """The next way in order; `None` when all are used up."""
        number = self._used.get(slot, 0)
        self._used[slot] = number + 1
        if number >= len(ways):
            return None
        alike = ways[number].split("|")
        return alike[crc32(f"{self._seed}:{slot}".encode()) % len(alike)]

    def any_of(self, slot: str, ways: Sequence[str]) -> str:
        """One of several equals, another one each time while there are any left."""
        start = crc32(f"{self._seed}:{slot}".encode()) % len(ways)
        return self.next_of(slot, [*ways[start:], *ways[:start]]) or ""


# --- The portrait -----------------------------------------------------------------------------------
def _portrait(groups: dict[str, list[Group]], who: Who, material: Material) -> list[Sentence]:
    said: list[Sentence] = []
    chosen = _Chosen(material.seed)
    budget = PORTRAIT_FACT_WORDS
    per_topic = {
        topic: groups[topic][: MOST_IN_PORTRAIT.get(topic, PORTRAIT_PER_TOPIC)] for topic in ORDER
    }
    by_topic: dict[str, list[Sentence]] = {topic: [] for topic in ORDER}
    for turn in range(PORTRAIT_PER_TOPIC):
        for topic in ORDER:
            if turn >= len(per_topic[topic]):
                continue
            group = per_topic[topic][turn]
            sentence = _sketch(group, topic, who, chosen)
            if sentence is not None and sentence.words <= budget:
                by_topic[topic].append(sentence)
                budget -= sentence.words
    for topic in ORDER:
        said += by_topic[topic]
    return said


def _sketch(group: Group, topic: str, who: Who, chosen: _Chosen) -> Sentence | None:
    fact = group[0]
    if closes_food(fact):
        return _checked([phrases.PORTRAIT_FOOD_CLOSED], PROFILE, group, who, _filler(fact, who))
    if topic != "behavior" and is_about_weight(fact):
        return _checked([phrases.PORTRAIT_WEIGHT], PROFILE, group, who, _filler(fact, who))
    if phrases.SELF_BLAME.search(fact.quote):
        return _checked([phrases.PORTRAIT_BLAMED], PROFILE, group, who, _filler(fact, who))
    kind = fact.key.partition(":")[2]
    key = (topic, kind) if topic == "behavior" else _way_of(fact, topic, phrases.PORTRAIT)
    if key not in phrases.PORTRAIT:
        return None
    clause = told(_best_part(fact))
    ways = _ways(key, phrases.PORTRAIT, clause, chosen)
    fill = _filler(fact, who, clause, group)
    if topic == "behavior" and kind not in ("logging", "adherence"):
        times = fact.evidence[0].text.partition(": ")[2]
        ways = [way.replace("{v}", times) for way in ways]
    return _checked(ways, PROFILE, group, who, fill)


# --- Lengths and order ------------------------------------------------------------------------------
def _cut(sentences: list[Sentence], most: int) -> list[Sentence]:
    """Without what weighs least, until `most` words are left: own ways first, then what is least sure."""
    kept = list(sentences)

    def weight(place: int) -> tuple[bool, bool, int, int]:
        each = kept[place]
        is_limit = each.section == Section.LIMITS
        order = ("low", "medium", "high")
        return (not each.is_own_way, is_limit, order.index(confidence_of(each.evidence)), -place)

    while sum(each.words for each in kept) > most:
        loose = [place for place, each in enumerate(kept) if not each.is_own_words]
        if not loose:
            break
        del kept[min(loose, key=weight)]
    return kept


def _arranged(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The opening first in its part, questions and calm words last in the portrait."""

    def place(sentence: Sentence) -> int:
        key = sentence.fact_keys[0] if sentence.fact_keys else ""
        if key.startswith("stance:opening") or sentence.text in _openings(sentence.text):
            return 0
        return 2 if sentence.section == PROFILE and sentence.is_own_way else 1

    return in_order(sorted(sentences, key=place))


def _openings(text: str) -> set[str]:
    heads = [opening.split("{")[0] for opening in stances.PORTRAIT_OPENINGS]
    return {text} if any(head and text.startswith(head) for head in heads) else set()
