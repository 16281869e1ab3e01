"""Understanding a goal: what is wanted, by when, how hard it is, and which playbook knows the way."""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field

from coaching import language
from habits.catalogue.library import Library, library, words_of
from habits.catalogue.schema import CategoryName, PlaybookEntry

MONEY = {"USD": "$", "GBP": "£", "EUR": "€"}
LANGUAGES = [
    "Spanish",
    "French",
    "German",
    "Italian",
    "Portuguese",
    "Japanese",
    "Mandarin",
    "Chinese",
    "Korean",
    "Arabic",
    "Russian",
    "Dutch",
    "Swedish",
    "Turkish",
    "Hindi",
    "Polish",
    "Greek",
    "English",
    "Norwegian",
    "Danish",
    "Finnish",
    "Czech",
    "Hebrew",
    "Vietnamese",
    "Thai",
    "Ukrainian",
    "Romanian",
    "Hungarian",
    "Catalan",
    "Welsh",
    "Irish",
    "Latin",
]
INSTRUMENTS = [
    "guitar",
    "piano",
    "violin",
    "ukulele",
    "drums",
    "saxophone",
    "cello",
    "flute",
    "keyboard",
    "trumpet",
    "harp",
    "bass",
]
SHORT_WORD = 5  # a shorter pattern must be a whole word: "late" is not "later"
SIMILAR = 0.84  # how alike two words must be to count as a slip of the finger (ours)


class GoalAnalysis(BaseModel):
    """A goal taken apart. `difficulty` 0 (easy) to 1 (hard); `target_metrics` name → value and unit."""

    text: str
    primary_objective: str
    target_metrics: dict[str, Any] = Field(default_factory=dict)
    timeline: str = ""
    deadline: date | None = None
    difficulty: float = Field(ge=0, le=1)
    category: CategoryName
    sub_goals: list[str] = Field(default_factory=list)
    dependencies: list[str] = Field(default_factory=list)
    obstacles: list[str] = Field(default_factory=list)
    success_indicators: list[str] = Field(default_factory=list)
    playbook: str
    is_known: bool = Field(description="False: no playbook matched, a general one is used")
    words: dict[str, str] = Field(default_factory=dict, description="What fills the wording's gaps")


@lru_cache(maxsize=1024)
def _pattern(words: str) -> re.Pattern[str]:
    words = words_of(words)
    body = words if re.search(r"[\[\\]", words) else re.escape(words)
    ends = r"s?\b" if len(words) < SHORT_WORD and words[-1].isalnum() else ""
    starts = r"\b" if words[0].isalnum() else ""
    return re.compile(starts + body + ends)


def match_playbook(text: str, catalogue: Library) -> PlaybookEntry | None:
    """The playbook whose longest words stand in `text`; a slip of the finger is forgiven."""
    wanted = words_of(text)
    best: tuple[int, PlaybookEntry] | None = None
    for entry in catalogue.playbooks.values():
        for words in entry.match:
            found = _pattern(words).search(wanted)
            if found and (best is None or len(found[0]) > best[0]):
                best = (len(found[0]), entry)
    if best:
        return best[1]
    singles = {
        words_of(words): entry
        for entry in catalogue.playbooks.values()
        for words in entry.match
        if len(words) >= SHORT_WORD and words.isalpha()
    }
    for word in re.findall(r"[a-z]{5,}", wanted):
        if near := difflib.get_close_matches(word, singles, n=1, cutoff=SIMILAR):
            return singles[near[0]]
    return None


def category_of(text: str) -> CategoryName | None:
    """The category a goal's words speak of, if they do."""
    found = language.goal_category(text)
    name = getattr(found, "category", found)
    value = str(getattr(name, "value", name) or "")
    for known in ("fitness", "learning", "financial", "wellness", "productivity"):
        if value == known:
            return known
    return None


@dataclass(frozen=True)
class _Time:
    words: str
    deadline: date | None


def deadline_of(text: str, today: date, *, timeline: str = "", locale: str = "en-US") -> _Time:
    """Until when, from `timeline` if it says so, else from the goal's own words."""
    for words in filter(None, (timeline, f"in {timeline}" if timeline else "", text)):
        found = language.parse_timeframe(words, today, locale=locale)
        if found:
            return _Time(found.words, found.deadline)
    return _Time(timeline, None)


def _money(metric: Any) -> str:
    return f"{MONEY[metric.unit.value]}{metric.value:,.0f}"


def analyze_goal(
    text: str,
    today: date,
    *,
    timeline: str = "",
    locale: str = "en-US",
    catalogue: Library | None = None,
    playbook: str = "",
) -> GoalAnalysis:
    """Takes a goal in a person's own words apart, with the help of the catalogue's playbooks.

    Raises `ValueError` for an empty goal. `playbook` names one instead of looking for it.
    """
    text = re.sub(r"\s+", " ", text).strip()[:300]
    if not text:
        raise ValueError("Say what you would like to reach.")
    catalogue = catalogue or library()
    entry = catalogue.playbooks.get(playbook) or match_playbook(text, catalogue)
    is_known = entry is not None
    if entry is None:
        entry = catalogue.fallback(category_of(text) or "productivity")
    time = deadline_of(text, today, timeline=timeline, locale=locale)
    metrics: dict[str, Any] = {
        metric.name: {"target": metric.target, "unit": metric.unit} for metric in entry.metrics
    }
    lowered = text.lower()
    said_language = next((name for name in LANGUAGES if name.lower() in lowered), "")
    said_instrument = next((name for name in INSTRUMENTS if name in lowered), "")
    words = {
        "language": said_language or "the language",
        "instrument": f"the {said_instrument}" if said_instrument else "your instrument",
        "amount": "the sum you need",
        "per_payday": "what your budget gives",
    }
    for metric in language.parse_metrics(text):
        unit = metric.unit.value
        if unit in MONEY and entry.category == "financial":
            metrics["savings"] = {"target": metric.value, "unit": unit}
            words["amount"] = _money(metric)
            paydays = (time.deadline - today).days // 14 if time.deadline else 0
            if paydays >= 4:  # with fewer, the sum would be a wish, not a step
                words["per_payday"] = f"{MONEY[unit]}{metric.value / paydays:,.0f}"
        elif entry.slug == "lose-weight" and unit in ("kg", "lb", "st"):
            continue  # no weight becomes a target here: the plan asks for habits
        elif unit not in MONEY:
            metrics[unit] = {"target": metric.value, "unit": unit}
    spread = 0.0
    if time.deadline:
        weeks = max(1, (time.deadline - today).days // 7)
        spread = max(-0.15, min(0.3, (entry.usual_weeks / weeks - 1) * 0.3))
    return GoalAnalysis(
        text=text,
        primary_objective=fill(entry.objective, words),
        target_metrics=metrics,
        timeline=time.words,
        deadline=time.deadline,
        difficulty=round(min(1.0, max(0.0, entry.difficulty + spread)), 2),
        category=entry.category,
        sub_goals=[fill(goal, words) for goal in entry.sub_goals],
        dependencies=list(entry.dependencies),
        obstacles=[f"{o.what}. {o.then}." for o in entry.obstacles],
        success_indicators=[fill(line, words) for line in entry.indicators],
        playbook=entry.slug,
        is_known=is_known,
        words=words,
    )


def fill(text: str, words: dict[str, str]) -> str:
    """`text` with its gaps ({language}, {amount} …) filled."""
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text[:1].upper() + text[1:]
