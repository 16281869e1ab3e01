"""Promises: "I'll walk Tuesday at 7", with the day they are for and their if-then plan."""

import re
from datetime import date, datetime, time, timedelta

from coaching.language import Moment, mended, parse_moment, tidy
from coaching.language.calendar_days import end_of_month, end_of_week

from .clauses import ASIDE, Clause
from .found import FoundPromise

LONGEST = 200
_PROMISE = re.compile(
    r"^(?:i (?:promise|commit|pledge|swear)(?: you)?(?: that| to)?(?: i)?(?: will)? |i (?:will|shall|am going to|am gonna|am planning to|plan to) |i have decided to )"
    r"(?:definitely |really |finally |also |just |then |try to |try and )*(?P<what>[a-z].*)$"
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
    r"skip|stop|avoid|pause|refrain|rest from|start$|begin$|continue$|carry on|go on|keep (?:going|it|on)|take (?:a |the |some )?(?:break|time off|day off|days off|week off|it easy)|"
    r"(?:do|try|be|feel|get|become|work) (?:better|harder|more|my best|less)\b|try harder|have to\b|get (?:my |the |a |some )?(?:results?|news|visitors|call|answer|paid|sick|surgery|back|it)\b|"
    r"receive|hear|find out|regret|hate|love|like\b|want|manage|make it|fail|report back|keep you|be \w+ing\b|be (?:more|less)|stay (?:home|in bed|away)|leave it|"
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
    r"before bed|after work|at \d|by the end of (?:the |this |next )?(?:week|month|january|february|march|april|may|june|july|august|september|october|november|december))\b"
)
_NUMBER = r"(?:\d+|an?|half an|one|two|three|four|five|six|seven|eight|nine|ten)"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_TIME_WORDS = re.compile(
    r",?\s*\b(?:(?:on |by |this |next |before )*(?:today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)"
    r"(?: (?:morning|afternoon|evening|night))?|next week|this (?:morning|afternoon|evening)|later today|"
    rf"(?:with)?in {_NUMBER} (?:minutes?|hours?|days?|weeks?)|{_NUMBER} (?:days?|weeks?|hours?) from now|"
    rf"(?:on |by )?(?:the )?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS})(?: 20\d\d)?|(?:on |by )?(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?|"
    rf"by the end of (?:the |this |next )?(?:week|month|{_MONTHS})|"
    r"(?:at|around|by|about) (?:\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?|noon|midnight|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: o'clock)?|"
    r"\d{1,2}(?::\d\d)? ?[ap]\.?m\.?|\d{1,2}:\d\d)(?!\w)"
)
# What lasts from or until a day is a pause or a resolution, not a deed that was done or not.
_LASTS = re.compile(
    r"\b(?:until|till|til|from|starting|as of|since) (?:the )?(?:next |this )?(?:today|tomorrow|tonight|now|on|\w+day|week|weekend|month|then|\d)"
    r"|\b(?:every|each|daily|any ?more|all (?:day|week)|instead of nothing|if (?:i|it|the|my) )\b"
)
END_OF_A_DAY = time(21, 0)


def promise_in(clause: Clause, said_at: datetime) -> FoundPromise | None:
    """The promise in a clause said at `said_at` (aware, in the person's zone), if it names its day.

    Without an hour it is for the evening of that day. What recurs is a habit, not a promise.
    """
    plain = ASIDE.sub("", mended(clause.quote)).strip(" .!")
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
    if _LASTS.search(found["what"]):
        return None
    moment = _moment(clause_text(clause), said_at)
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
        what=_as_written(what, clause.quote)[:LONGEST],
        quote=clause.quote,
        start=clause.start,
        due_at=due,
        is_time_known=is_time_known,
        if_then=_as_written(if_then, clause.quote)[:300],
    )


_I = re.compile(r"\bi\b")
_END_OF = re.compile(
    rf"\bby the end of (?P<which>the |this |next )?(?P<what>week|month|{_MONTHS})\b"
)


def _moment(text: str, said_at: datetime) -> Moment | None:
    """When it is for; "by the end of June" is the last day of it."""
    end = _END_OF.search(text)
    if end is None:
        return parse_moment(text, said_at)
    day, what = said_at.date(), end["what"]
    if what == "week":
        last = end_of_week(day)
        last += timedelta(days=7 if end["which"] == "next " else 0)
    elif what == "month":
        last = end_of_month(day)
        last = end_of_month(last + timedelta(days=1)) if end["which"] == "next " else last
    else:
        month = _MONTHS.split("|").index(what) + 1
        last = end_of_month(date(day.year + (month < day.month), month, 1))
    return Moment(datetime.combine(last, END_OF_A_DAY, said_at.tzinfo))


def _as_written(words: str, quote: str) -> str:
    """The words with the capitals of names as the person wrote them."""
    written = re.findall(r"[^\W\d_][\w'-]*", tidy(quote))
    capitals = sum(word.isupper() and len(word) > 1 for word in written)
    if capitals * 2 > len(written):  # shouted: capitals say nothing
        return words
    names = {word.lower(): word for word in written[1:] if not word.islower()}
    names["i"] = "I"
    return re.sub(r"[^\W\d_][\w'-]*", lambda found: names.get(found[0], found[0]), words)


def clause_text(clause: Clause) -> str:
    return tidy(clause.quote).lower()
