"""Reasons and facts of decisions as staff read them: about the person, not to them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone

from coaching.models import ContactDecision, Reason, Verdict

REASONS: Mapping[str, str] = {
    Reason.ACCOUNT_CLOSED: "their account is being closed",
    Reason.AUTOMATION_PAUSED: "automation is paused for them",
    Reason.CRISIS_PAUSE: "everything unasked rests after a crisis alert",
    Reason.NO_CONSENT: "they have not agreed to this channel",
    Reason.UNREACHABLE: "this channel does not reach them yet",
    Reason.NUDGES_OFF: "they turned this kind of message off",
    Reason.MUTED: "they muted this",
    Reason.AWAY: "they are away",
    Reason.QUIET_HOURS: "it was in their quiet hours",
    Reason.CARRIER_HOURS: "texts and calls go out between 8:00 and 21:00 only",
    Reason.DAY_CAP: "they already had the day's messages",
    Reason.WEEK_CAP: "they already had the week's messages",
    Reason.TOO_SOON: "another message had just gone out",
    Reason.BURDEN: "it would ask too much of their attention this week",
    Reason.DUPLICATE: "it says nearly the same as another message",
    Reason.DIGESTED: "it was put together with others",
    Reason.NO_LONGER_NEEDED: "they had done it already",
    Reason.NO_LONGER_FITS: "its tone did not fit any more",
    Reason.EXPIRED: "its moment had passed",
    Reason.REJECTED: "staff decided against it",
    Reason.PROVIDER_REFUSED: "the service that carries it refused it",
    Reason.GAVE_UP: "it could not be delivered",
}
VERDICTS = {
    Verdict.SEND: "may go out",
    Verdict.HOLD: "held",
    Verdict.MERGE: "merged",
    Verdict.DROP: "not sent",
}


def reason_words(code: str) -> str:
    """One reason; a code of another version as it stands."""
    return REASONS.get(code, code.replace("_", " "))


def because(codes: Iterable[str]) -> str:
    """All reasons in one line; empty without any."""
    return "; ".join(reason_words(code) for code in codes)


def clock_words(at: datetime, zone: tzinfo) -> str:
    """A moment on the person's own clock."""
    return f"{at.astimezone(zone):%a %d %b %Y, %H:%M}"


def moment_words(at: datetime) -> str:
    """A moment in a list, on the clock of the house."""
    return f"{timezone.localtime(at):%d %b, %H:%M}"


def verdict_words(decision: ContactDecision, zone: tzinfo) -> str:
    """What was decided and why, in one line."""
    said = VERDICTS[Verdict(decision.verdict)]
    if decision.verdict == Verdict.SEND and Reason.AWAY in decision.reasons:
        said = "may be put in its place, without a sound"
    if decision.not_before is not None:
        said = f"{said} until {clock_words(decision.not_before, zone)}"
    reasons = because(decision.reasons)
    return f"{said}: {reasons}" if reasons else said


def fact_words(facts: Mapping[str, Any], zone: tzinfo) -> list[str]:
    """What a decision rested on, one fact a line."""
    found = []
    if "day" in facts:
        found.append(f"{facts['day']} of {facts.get('per_day')} messages that day")
    if "week" in facts:
        found.append(f"{facts['week']} of {facts.get('per_week')} in seven days")
    if "burden" in facts:
        found.append(f"burden {facts['burden']} of {facts.get('burden_budget')} in seven days")
    if facts.get("open"):
        found.append(f"open {facts['open'][0]} to {facts['open'][1]} ({facts.get('zone')})")
    if facts.get("last"):
        last = datetime.fromisoformat(facts["last"])
        found.append(f"last message {clock_words(last, zone)}")
    if facts.get("away_until"):
        found.append(f"away until {facts['away_until']}")
    if facts.get("crisis_until"):
        until = datetime.fromisoformat(facts["crisis_until"])
        found.append(f"rest after a crisis alert until {clock_words(until, zone)}")
    return found
