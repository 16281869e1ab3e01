"""What the coach can tell of measured days, and how what was measured can be taken back."""

from datetime import date
from statistics import fmean
from typing import Any

from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import (
    Card,
    Effect,
    Series,
    SignalKind,
    ToolContext,
    ToolRefused,
    card_view,
    data_source,
    retraction,
    slot,
    tool,
)
from momentum.biometrics.metrics import METRICS
from momentum.biometrics.said import metrics_said, source_said, span_said
from momentum.biometrics.showing import day_series
from momentum.models import BiometricSource, BiometricStream, DeviceConnection, Metric

# Confirmed, and then not so after all.
retraction("biometrics.change_withdrawn", kind=SignalKind.BIOMETRIC_CHANGE, subject=("change",))


# --- Telling ------------------------------------------------------------------------------------
class IntegrationArgs(BaseModel):
    """Whose data, which, and of how long."""

    integration: str = Field(
        default="",
        max_length=2000,
        description="The source: garmin, apple health, fitbit, health connect, manual; empty for all",
        json_schema_extra=slot("words"),
    )
    data_type: str = Field(
        default="",
        max_length=2000,
        description="sleep, steps, resting heart rate, hrv, active minutes, active energy, distance; empty for all",
        json_schema_extra=slot("words"),
    )
    time_range: str = Field(
        default="",
        max_length=2000,
        description="last night, today, yesterday, this week, or a number of days such as 30d; empty for 7 days",
        json_schema_extra=slot("words"),
    )


_WHAT = (
    r"(?:sleep|steps|step count|resting heart rate|heart rate|resting pulse|pulse|hrv|"
    r"active minutes|active energy|distance|garmin|fitbit|apple health|health connect|"
    r"health data|body data|watch data|wearable)"
)
# Pictures and plans are for others to answer.
_TOLD = r"^(?!.*\b(?:charts?|graph|plot|heat ?map|goal|plan|habit|better|remind)\b).*"


@tool(
    "momentum.get_integration_data",
    description="Read what the person's devices measured: sleep, steps, resting heart rate and the like",
    args=IntegrationArgs,
    effect=Effect.READ,
    label="Looking at your data",
    cues=(
        rf"{_TOLD}\bhow (?:did|have|has|was|were|is|are|much|well|long|many|far)\b.*\b(?:i|my) (?:\w+ )?(?:sleep|slept|sleeping|walk|walked|{_WHAT})\b.*",
        rf"{_TOLD}\bdid i (?:sleep|walk)\b.*",
        rf"{_TOLD}\bhow many steps\b.*",
        rf"{_TOLD}\b(?:my|last night's) {_WHAT}(?: data)? (?:today|yesterday|this week|last week|last night|this month|for|of|over|in)\b.*",
        rf"{_TOLD}\b(?:show|see|check|get|fetch|read|tell|give|look at|pull)\b.*\b(?:my|from|the) (?:\w+ )?{_WHAT}\b.*",
        rf"{_TOLD}\bwhat (?:is|was|are|were|did|does)\b.*\bmy (?:\w+ )?{_WHAT}\b.*",
    ),
)
def get_integration_data(context: ToolContext, args: IntegrationArgs) -> Card:
    """The measured values in plain sentences; an honest word when there are none."""
    said = " ".join((args.data_type, args.integration, args.time_range)).strip()
    metrics = metrics_said(args.data_type or said)
    source = source_said(args.integration or said)
    if metrics is None:
        known = ", ".join(info.metric.label.lower() for info in METRICS.values())
        raise ToolRefused(f"I can read {known}. Which one do you mean?")
    today = local_day(context.user, context.now)
    span = span_said(args.time_range or said, today)
    rows = _rows(context.user, metrics, source, span.first, span.last)
    data = {
        "metrics": metrics,
        "source": source or "",
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
    }
    if not rows:
        return Card(
            kind="momentum.biometrics",
            title="Your data",
            summary=_nothing(context.user, metrics, source, span.words),
            data=data,
            suggestions=["How am I doing?"],
        )
    parts = [_part(metric, [r for r in rows if r.metric == metric]) for metric in metrics]
    return Card(
        kind="momentum.biometrics",
        title=f"Your data, {span.words}",
        summary=" ".join(part for part in parts if part),
        data=data,
        suggestions=["Show my sleep as a chart", "What's my momentum today?"],
    )


def _rows(
    user: User, metrics: list[str], source: str | None, first: date, last: date
) -> list[BiometricStream]:
    found = BiometricStream.objects.filter(
        user=user, metric__in=metrics, date__range=(first, last)
    ).order_by("date")
    found = found.filter(source=source) if source else found.filter(is_preferred=True)
    return list(found[:1000])


def _part(metric: str, rows: list[BiometricStream]) -> str:
    """One sentence about one metric: the last day, and the mean when there are more."""
    if not rows:
        return ""
    info, last = METRICS[metric], rows[-1]
    if metric == Metric.WEIGHT_KG:
        return f"{info.metric.label}: last entered on {_day(last.date)}."
    name = BiometricSource(last.source).label
    told = f"{info.metric.label}: {info.in_words(last.value)} on {_day(last.date)} ({name})"
    if len(rows) > 1:
        mean = info.in_words(fmean(row.value for row in rows))
        told += f"; {mean} on average over {len(rows)} days"
    return f"{told}."


def _nothing(user: User, metrics: list[str], source: str | None, words: str) -> str:
    """Why there is nothing, and what can be done."""
    names = METRICS[metrics[0]].metric.label.lower() if len(metrics) == 1 else "anything measured"
    whose = f" from {BiometricSource(source).label}" if source else ""
    text = f"I have no data{whose} about {names}, {words}."
    if source == BiometricSource.GARMIN and not _is_connected(user):
        text += " Garmin is not connected."
    return f"{text} You can connect, enter or import it under Momentum, Body data."


def _is_connected(user: User) -> bool:
    return DeviceConnection.objects.filter(user=user, provider=BiometricSource.GARMIN).exists()


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"


@card_view("momentum.biometrics", template="momentum/cards/biometrics.html")
def biometrics_card(user: User, card: Card) -> dict[str, Any]:
    """The values as they are now, the newest day first; weight without its numbers."""
    data = card.data
    rows = _rows(
        user,
        [metric for metric in data.get("metrics", []) if metric in METRICS],
        data.get("source") or None,
        date.fromisoformat(data["first"]),
        date.fromisoformat(data["last"]),
    )
    shown = [
        (row.date, METRICS[row.metric].metric.label, METRICS[row.metric].in_words(row.value))
        for row in reversed(rows)
        if row.metric != Metric.WEIGHT_KG
    ]
    return {"card": card, "rows": shown[:14], "more": max(0, len(shown) - 14)}


# --- Drawing ------------------------------------------------------------------------------------
def _draws(key: str, metric: Metric, cues: tuple[str, ...]) -> None:
    @data_source(key, title=metric.label, cues=cues)
    def series(user: User, first: date, last: date) -> list[Series]:
        return [day_series(user, metric, first, last)]


_draws("momentum.sleep", Metric.SLEEP_MINUTES, ("sleep", "my sleep", "how i slept", "sleep data"))
_draws("momentum.steps", Metric.STEPS, ("steps", "my steps", "step count", "daily steps"))
_draws(
    "momentum.resting_heart_rate",
    Metric.RESTING_HEART_RATE,
    ("resting heart rate", "my heart rate", "my resting pulse", "heart rate"),
)
_draws("momentum.hrv", Metric.HRV, ("hrv", "heart rate variability"))
_draws("momentum.active_minutes", Metric.ACTIVE_MINUTES, ("active minutes", "my active minutes"))
_draws("momentum.weight", Metric.WEIGHT_KG, ("my weight", "body weight"))
