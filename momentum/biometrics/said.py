"""What somebody means by the words in which they ask for their data."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from momentum.biometrics.metrics import METRICS
from momentum.models import BiometricSource, Metric

USUAL_DAYS = 7
MOST_DAYS = 366

_METRICS = (
    (r"\b(?:sleep\w*|slept|night)\b", Metric.SLEEP_MINUTES),
    (r"\b(?:steps?|walk\w*|step count)\b", Metric.STEPS),
    (r"\b(?:hrv|(?:heart rate|pulse) variability)\b", Metric.HRV),
    (
        r"\b(?:resting|heart ?rate(?! variability)|pulse(?! variability)|rhr|bpm)\b",
        Metric.RESTING_HEART_RATE,
    ),
    (r"\b(?:weigh\w*)\b", Metric.WEIGHT_KG),
    (r"\b(?:active minutes|intensity minutes|exercise minutes|activity)\b", Metric.ACTIVE_MINUTES),
    (r"\b(?:energy|calories|kcal)\b", Metric.ACTIVE_ENERGY_KCAL),
    (r"\b(?:distance|kilomet\w+|km|miles|far)\b", Metric.DISTANCE_KM),
)
_EVERYTHING = r"\b(?:all|everything|data|health|body|garmin|fitbit|apple|watch|wearable|readings?|values?|measurements?|device\w*|integration\w*|manual)\b"
_SOURCES = (
    (r"\bgarmin\b", BiometricSource.GARMIN),
    (r"\bfitbit\b", BiometricSource.FITBIT),
    (r"\b(?:apple|health ?kit|iphone|apple watch)\b", BiometricSource.HEALTHKIT),
    (r"\b(?:health connect|android|google fit)\b", BiometricSource.HEALTH_CONNECT),
    (r"\b(?:fit file\w*)\b", BiometricSource.FIT_FILE),
    (r"\b(?:manual\w*|by hand|entered)\b", BiometricSource.MANUAL),
)


def metrics_said(text: str) -> list[str] | None:
    """The metrics that `text` means: all for words that mean any, `None` for words that mean none."""
    text = _plain(text)
    named = [metric.value for pattern, metric in _METRICS if re.search(pattern, text)]
    if named:
        return list(dict.fromkeys(named))
    return list(METRICS) if not text or re.search(_EVERYTHING, text) else None


def source_said(text: str) -> str | None:
    """The source that `text` names, if it names one."""
    text = _plain(text)
    return next((source.value for pattern, source in _SOURCES if re.search(pattern, text)), None)


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, and what they are called."""

    first: date
    last: date
    words: str


def span_said(text: str, today: date) -> Span:
    """The days that `text` means; the last seven when it names none."""
    text = _plain(text)
    yesterday = today - timedelta(days=1)
    if re.search(r"\b(?:today|last night|tonight|this morning)\b", text):
        return Span(today, today, "today")
    if re.search(r"\byesterday\b", text):
        return Span(yesterday, yesterday, "yesterday")
    monday = today - timedelta(days=today.weekday())
    if re.search(r"\bthis week\b", text):
        return Span(monday, today, "this week")
    if re.search(r"\b(?:last|previous) week\b", text):
        return Span(monday - timedelta(days=7), monday - timedelta(days=1), "last week")
    if re.search(r"\bthis month\b", text):
        return Span(today.replace(day=1), today, "this month")
    days = _days_in(text)
    return Span(today - timedelta(days=days - 1), today, f"the last {days} days")


_UNITS = {"d": 1, "day": 1, "w": 7, "week": 7, "m": 30, "month": 30, "y": 365, "year": 365}


def _days_in(text: str) -> int:
    found = re.search(r"\b(\d{1,4})[ -]?(d|days?|w|weeks?|m|months?|y|years?)\b", text)
    if found:
        unit = found[2] if len(found[2]) == 1 else found[2].rstrip("s")
        return min(max(int(found[1]) * _UNITS[unit], 1), MOST_DAYS)
    if re.search(r"\b(?:month)\b", text):
        return 30
    return MOST_DAYS if re.search(r"\b(?:year|ever|all time)\b", text) else USUAL_DAYS


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())
