"""Promises: "I'll walk Tuesday at 7", with the day they are for and their if-then plan."""

import re
from datetime import datetime, time

from coaching.language import mended, parse_moment, tidy

from .clauses import Clause
from .found import FoundPromise

LONGEST = 200
_PROMISE = re.compile(
    r"^(?:i (?:promise|commit|pledge|swear)(?: you)?(?: that| to)?(?: i)?(?: will)? |i (?:will|shall|am going to|am gonna|am planning to|plan to) |i have decided to )"
    r"(?:definitely |really |finally |also |just |then |try to |try and )*(?P<what>[a-z][^.!?]*)$"
)
_LEADING_DAY = re.compile(
    r"^(?:(?:on |next |this )?(?:tomorrow|tonight|today|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"(?: (?:morning|afternoon|evening|night))?(?: at [\d:. apm]+)?,? )(?=i )"
)
# Not things to do: being, knowing, wishing, talking to the coach, and what merely happens.
_NO_DEED = re.compile(
    r"^(?:not |never |be (?:away|busy|gone|back|there|late|at|in|on|travel|out|fine|ok|okay|honest|able|happy|sad|tired|seeing)\b|"
    r"have (?:a|an|to|the|my|no) (?!walk|run|workout|swim)|need|see\b|know|think|let you|tell you|get back|ask you|"
    r"show you|check with you|remember|forget|come back|talk|write you|miss|lose|turn \d|die|probably|"
    r"hurt|kill|end|give up|quit\b(?! smoking)|live|go (?:crazy|mad|insane)|wait|consider|see how|look into)"
)
_CONDITION = re.compile(
    r"^(?P<when>(?:when|after|before|as soon as|once|whenever|if) [^,]{3,80}),? (?:then )?(?P<will>i (?:will|am going to|shall) [^.!?]+)$"
)
_WHEN_AFTER = re.compile(
    r"\b(?P<when>(?:right )?(?:after|before|when|once|as soon as) (?!\d|noon|midnight)[^,.!?]{3,60})$"
)
_CLOCK_SAID = re.compile(
    r"\b(?:at|by|around|about|@) ?\d|\d[:.]\d\d|\d ?[ap]\.?m\b|\d (?:o'clock|minutes? from|hours? from)|\bin (?:an?|half an|\d+|one|two|three) (?:hours?|minutes?)"
    r"|\b(?:noon|midnight|midday|morning|afternoon|evening|tonight|night|lunch\w*|breakfast|dinner|bed|bedtime|o'clock|"
    r"half past|quarter|before work|after work|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))\b"
)
_DAY_SAID = re.compile(
    r"\b(?:today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|next week|"
    r"this (?:morning|afternoon|evening)|in (?:an?|\d+|half an|one|two|three) (?:minutes?|hours?|days?|hour)|"
    r"\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:january|february|march|april|may|june|july|august|september|october|november|december)|"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}|"
    r"before bed|after work|at \d)\b"
)
_TIME_WORDS = re.compile(
    r",?\s*\b(?:(?:on |by |this |next )?(?:today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)"
    r"(?: (?:morning|afternoon|evening|night))?|next week|this (?:morning|afternoon|evening)|"
    r"(?:at|around|by|about) (?:\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?|noon|midnight|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: o'clock)?|"
    r"\d{1,2}(?::\d\d)? ?[ap]\.?m\.?|\d{1,2}:\d\d)(?!\w)"
)
END_OF_A_DAY = time(21, 0)


def promise_in(clause: Clause, said_at: datetime) -> FoundPromise | None:
    """The promise in a clause said at `said_at` (aware, in the person's zone), if it names its day.

    Without an hour it is for the evening of that day. What recurs is a habit, not a promise.
    """
    plain = mended(clause.quote).strip(" .!")
    plain = re.sub(
        r"^(?:(?:and|but|so|ok|okay|yes|yeah|alright|fine|well|then|also)\b[, ]+)+", "", plain
    )
    if_then = ""
    if led := _LEADING_DAY.search(plain):
        plain = f"{plain[led.end() :]} {led[0].strip(' ,')}"
    if condition := _CONDITION.match(plain):
        if condition["when"].startswith("if ") and not _DAY_SAID.search(plain):
            return None
        if_then = _I.sub("I", f"{condition['when'].capitalize()}, {condition['will']}.")
        plain = condition["will"]
    found = _PROMISE.match(plain)
    if found is None or _NO_DEED.match(found["what"]) or not _DAY_SAID.search(clause_text(clause)):
        return None
    moment = parse_moment(clause_text(clause), said_at)
    if moment is None or moment.recurring:
        return None
    what = found["what"]
    if not if_then and (when := _WHEN_AFTER.search(what)):
        deed = _TIME_WORDS.sub("", what[: when.start()]).strip(" ,")
        if deed:
            if_then = _I.sub("I", f"{when['when'].capitalize()}, I will {deed}.")
    what = _TIME_WORDS.sub("", what).strip(" ,.")
    what = re.sub(r"\s+", " ", what)
    if len(what) < 3 or what in ("do it", "do that", "do this", "try", "go", "it", "that"):
        return None
    is_time_known = bool(_CLOCK_SAID.search(clause_text(clause)))
    due = moment.at
    if not is_time_known:
        due = datetime.combine(due.date(), END_OF_A_DAY, due.tzinfo)
        if due <= said_at:
            return None
    return FoundPromise(
        what=what[:LONGEST],
        quote=clause.quote,
        start=clause.start,
        due_at=due,
        is_time_known=is_time_known,
        if_then=if_then[:300],
    )


_I = re.compile(r"\bi\b")


def clause_text(clause: Clause) -> str:
    return tidy(clause.quote).lower()
