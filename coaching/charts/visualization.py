"""The tool that draws a person's series, and the card that shows the drawing."""

from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.language import parse_period
from coaching.toolkit import (
    Card,
    DataSource,
    Effect,
    ToolContext,
    ToolRefused,
    card_view,
    data_sources,
    slot,
    tool,
)

from .drawing import ChartKind, draw

DEFAULT_DAYS = 30
LONGEST_DAYS = 365


class VisualizationArgs(BaseModel):
    """What to draw."""

    data_source: str = Field(
        default="",
        description="Which of the person's series; empty for their habits",
        json_schema_extra=slot("data_source"),
    )
    visualization_type: ChartKind = Field(
        default=ChartKind.LINE,
        description="line for a course, bar to compare, heatmap for days, streak for runs",
        json_schema_extra=slot("chart_kind"),
    )
    time_period: str = Field(
        default=f"{DEFAULT_DAYS}d",
        description="How far back: 7d, 30d, 90d or all",
        json_schema_extra=slot("period"),
    )


def source_for(words: str) -> DataSource:
    """The source a key or a phrase names, or the first there is; `ToolRefused` when there is none."""
    if not len(data_sources):
        raise ToolRefused("There is nothing to draw yet.")
    if words in data_sources:
        return data_sources.get(words)
    asked = words.casefold()
    heard = [
        (len(cue), source)
        for source in data_sources
        for cue in (*source.cues, source.title)
        if cue.casefold() in asked
    ]
    if heard:
        return max(heard, key=lambda pair: pair[0])[1]
    if asked:
        known = ", ".join(f"{source.key} ({source.title})" for source in data_sources)
        raise ToolRefused(f"There are no series of that name. There are: {known}.")
    return next(iter(data_sources))


def days_of(period: str) -> int:
    """How many days back a period reaches; everything is at most a year in one picture."""
    if period.strip().casefold() == "all":
        return LONGEST_DAYS
    asked = parse_period(period)
    if asked is None:
        return DEFAULT_DAYS
    return min(LONGEST_DAYS, int(asked) or LONGEST_DAYS)


@tool(
    "coaching.create_visualization",
    description="Draw a chart of the person's progress: line, bar, heatmap or streak.",
    args=VisualizationArgs,
    effect=Effect.READ,
    cues=(
        r"\b(?:show|draw|make|give|see|create|plot)\b.*\b(?:chart|graph|plot|heat ?map|diagram|visuali[sz]ation|picture)\b",
        r"\b(?:chart|graph|plot|heat ?map|visuali[sz]e)\b",
        r"\bshow (?:me )?my streaks?\b",
    ),
    label="Drawing your chart",
)
def create_visualization(context: ToolContext, args: VisualizationArgs) -> Card:
    """Draws nothing yet: it says what to draw, and the card draws from the present state."""
    source = source_for(args.data_source or _usual_source(args.visualization_type))
    until = local_day(context.user, context.now)
    since = until - timedelta(days=max(days_of(args.time_period), 7) - 1)
    series = source.series(context.user, since, until)
    chart = draw(args.visualization_type, series, title=source.title)
    return Card(
        kind="coaching.chart",
        title=source.title,
        summary=f"{source.title}, {_span(since, until)}. {chart.summary}",
        data={
            "source": source.key,
            "chart": args.visualization_type.value,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "key": context.call_id,
        },
    )


@card_view("coaching.chart", template="coaching/cards/chart.html")
def chart_card(user: User, card: Card) -> dict[str, Any]:
    """The chart of a card, drawn now; nothing when its source is gone."""
    if card.data["source"] not in data_sources:
        return {"card": card, "chart": None}
    since = date.fromisoformat(card.data["since"])
    until = date.fromisoformat(card.data["until"])
    series = data_sources.get(card.data["source"]).series(user, since, until)
    chart = draw(
        ChartKind(card.data["chart"]), series, title=card.title, key=f"chart-{card.data['key']}"
    )
    return {"card": card, "chart": chart, "span": _span(since, until)}


def _usual_source(kind: ChartKind) -> str:
    """What is meant when only a kind of picture was asked for."""
    if kind is ChartKind.STREAK and any("streak" in source.cues for source in data_sources):
        return "streak"
    return ""


def _span(since: date, until: date) -> str:
    return f"{since.day} {since:%b} to {until.day} {until:%b}"
