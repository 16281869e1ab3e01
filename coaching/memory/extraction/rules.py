"""What a statement tells of a person, by rules: the way without a model, and precise before complete.

A rule matches a clause in lower case with contractions written out, and names the kind, the slot (which
changing fact it states) and the value it gives that slot.
"""

import re
from datetime import datetime, timedelta

from coaching.language import parse_moment, tidy, tone
from coaching.models import MemoryType

from .absolute_dates import with_absolute_dates
from .clauses import ASIDE, Clause
from .everyday import EVERYDAY
from .found import SELF, FoundMemory, Lasting
from .rule import (
    BAD_MOOD,
    BODY,
    CLOCK,
    CONTEXT,
    DATE,
    EVENT,
    GOOD_MOOD,
    HOW,
    INSIGHT,
    JOB,
    LIKE,
    PREFERENCE,
    RELATION,
    RELATION_VERB,
    RELATIONSHIP,
    STRUGGLE,
    VAGUE_OBJECT,
    VICTORY,
    Rule,
    rule,
    stems,
)

# Where a reason or a limit begins, the thing that is liked has ended.
_BUT = re.compile(
    r",|\b(?:because|since|but|though|although|as it|so much|very much|more than|when|as long as)\b"
)


def _liking(found: re.Match[str]) -> tuple[str, str]:
    verb = found["verb"]
    likes = not re.search(r"\b(?:hate|not|dislike|despise|detest|loathe)\b", verb)
    what = " ".join(stems(_BUT.split(found["what"], maxsplit=1)[0])[:4])
    return f"likes {what}", "yes" if likes else "no"


def _body_part(found: re.Match[str]) -> tuple[str, str]:
    return f"{stems(found['part'])[0]}", " ".join(stems(found["value"]))[:60]


def _favourite(found: re.Match[str]) -> tuple[str, str]:
    return f"favourite {' '.join(stems(found['what']))}", found["value"].strip()


def _usual_time(found: re.Match[str]) -> tuple[str, str]:
    doing = found["doing"]
    for name, words in (
        ("wake time", r"wake|get up|rise"),
        ("bedtime", r"bed|sleep"),
        ("work start", r"start work"),
        ("work end", r"(?:finish|end|stop|leave) work"),
    ):
        if re.search(words, doing):
            return name, found["value"].strip()
    return f"{' '.join(stems(doing)[:2])} time", found["value"].strip()


# In this order: the first that matches is what the clause says.
RULES = [
    rule(r"^i (?:only |really )?(?:have|can do|can spare|can spend|have got|can find) (?:only |just |about |around |maybe |at most )*(?P<value>(?:\d+|half an|an|ten|fifteen|twenty|thirty|forty[- ]five|sixty) (?:minutes?|mins?|hours?)) (?:a|per|each|every) day(?: .*)?$", CONTEXT, "time", slot="time a day"),
    # --- Goals and values
    rule(r"^my (?:main |big |biggest |only |new |current )*goal (?:is|for this year is|this year is)(?: to)? (?P<value>(?!not (?:important|clear)).{4,})$", CONTEXT, "goal", slot="main goal", valence=0.1, lasting=Lasting.LONG),
    rule(r"^i (?:am training for|signed up for|have signed up for|registered for|am preparing for|entered) (?!the app|habyss|this)(?P<value>.{3,})$", CONTEXT, "goal", slot="training for", valence=0.2, lasting=Lasting.LONG),
    rule(r"^i (?:really |finally |still |also |just |truly )*(?:want to|would (?:really )?(?:like|love) to|am trying to|aim to|am determined to) (?P<value>(?:lose|run|quit|stop (?:smoking|drinking|snacking|eating)|learn|read|sleep|eat|get (?:fit|stronger|in shape|up|better|more|back)|become|build|save|finish|drink|walk|exercise|meditate|write|be able to|cycle|swim|cook|lift|spend (?:more|less)|wake up|gain|improve|reduce|cut|stay|play|practi[cs]e|complete|move more|work out|start (?:running|reading|meditating|exercising|journaling|a business)) ?.*)$", CONTEXT, "goal", valence=0.1, lasting=Lasting.LONG),
    rule(r"^(?:what matters (?:most )?to me is|the most important thing (?:to|for) me is|i (?:really |deeply )?(?:care (?:a lot |deeply )?about|value)) (?!you|it\b|that\b|this\b)(?P<value>.{3,})$", CONTEXT, "value", lasting=Lasting.LONG),
    rule(r"^(?!it\b|that\b|this\b|you\b)(?P<value>(?:my |our |being |having |spending )?[a-z][\w ]{2,60}) (?:is|are) (?:really |very |so |extremely )?important to me$|^(?P<first>[a-z][\w ]{2,40}) comes? first for me$", CONTEXT, "value", lasting=Lasting.LONG),
    # --- Bodies, as the person says it
    rule(rf"^my (?:left |right |lower |upper )?(?P<part>{BODY}) (?P<value>(?:hurts?|aches?|is|are|has been|feels?|still hurts?|keeps?) ?.*)$", CONTEXT, "health", slot=_body_part, valence=None),
    rule(rf"^i (?:have|had|got|have got) (?:a |an )?(?P<value>(?:bad|sore|injured|weak|torn|broken|sprained|stiff|herniated|slipped) (?:left |right |lower )?(?P<part>{BODY}|disc|meniscus)\b.*)$", CONTEXT, "health", slot=_body_part, valence=-0.3),
    rule(rf"^i (?P<value>(?:hurt|broke|tore|sprained|injured|twisted|pulled|strained) my (?:left |right |lower )?(?P<part>{BODY}|meniscus|muscle)\b.*)$", CONTEXT, "health", slot=_body_part, valence=-0.4),
    rule(r"^i (?:have|suffer from|was diagnosed with|got diagnosed with) (?P<value>(?:mild |severe |chronic |type [12] )*(?:asthma|diabetes|migraines?|adhd|high blood pressure|arthritis|insomnia|celiac disease|coeliac disease|ibs|back pain|a thyroid (?:condition|problem)|sleep apnea|sleep apnoea|tinnitus|long covid|hay fever|a heart condition))\b.*$", CONTEXT, "health", lasting=Lasting.LONG),
    rule(r"^i am (?P<value>(?:allergic to .+|(?:lactose|gluten) intolerant|pregnant.*|\w+ months pregnant.*|recovering from .+|colou?r ?blind|left-handed|dyslexic|autistic|diabetic|asthmatic|an(?:a)?emic|(?:hard of hearing|deaf)|epileptic|in a wheelchair)(?:,? .*)?)$", CONTEXT, "health", lasting=Lasting.LONG),
    # --- Likes
    rule(r"^my (?:all-time |absolute )?favou?rite (?P<what>[a-z ]{2,30}?) (?:is|are) (?P<value>(?!the app|you\b|this\b).{2,})$", PREFERENCE, slot=_favourite, valence=0.4),
    rule(rf"^i {HOW}{LIKE}(?: to)? (?P<what>(?!{VAGUE_OBJECT}).{{3,100}})$", PREFERENCE, slot=_liking, valence=None),
    rule(r"^i (?:am|have been|became|went|have gone|am now|am a strict)(?: a| an)? (?P<value>(?:not )?(?:vegetarian|vegan|pescatarian|keto|halal|kosher))\b.*$", PREFERENCE, "food", slot="diet", lasting=Lasting.LONG),
    rule(r"^i (?:do not|never) (?P<value>eat (?:meat|pork|fish|dairy|gluten|sugar|eggs|nuts|breakfast)|drink(?: (?:alcohol|coffee|milk|soda|caffeine))?|smoke|drive|cook|own a \w+)\b(?: any ?more| at all|,.*)?$", PREFERENCE, "food", lasting=Lasting.LONG),
    rule(r"^i (?:am|have always been|have never been|was never) (?P<value>(?:not |never |really |such |more of |definitely |very much )*(?:an? )?(?:morning person|night owl|early bird|early riser|evening person|introvert|extrovert|introverted|extroverted|perfectionist|competitive|homebody))$", PREFERENCE, slot="kind of person", lasting=Lasting.LONG),
    rule(r"^(?P<value>mornings?|evenings?|afternoons?|lunch breaks?|weekends?|weekdays|late evenings|early mornings|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays) (?:work|works|are|is|suits?|fits?) (?:really |usually |just )?(?:best|better|well|good|ideal|perfect|great|out|me best|me better|me well|me)\b.*$", PREFERENCE, "timing", slot="best time"),
    # --- People
    rule(rf"^(?:my|our) (?P<relation>{RELATION})(?:,? (?:called |named )?(?P<name>[a-z]+))??,? (?P<value>(?:also |just |recently |always |often |never |really |still )*{RELATION_VERB}\b.+)$", RELATIONSHIP, valence=None),
    rule(r"^i have (?P<value>(?:an? |one |two |three |four |five |six |\d |small |young |little |teenage |a newborn |twin )*(?:kids?|child|children|daughters?|sons?|toddlers?|babies|baby|twins|boys|girls|grandchildren|sisters?|brothers?|siblings)\b.*)$", RELATIONSHIP, "family", slot="family", lasting=Lasting.LONG),
    rule(r"^(?:i|we) (?:have|got|adopted|have got) (?P<value>(?:an? |two |three |new |small |old )*(?:dogs?|cats?|puppy|kitten|rabbits?|horse)\b.*)$", RELATIONSHIP, "family"),
    rule(r"^i (?:am|got|am getting|just got) (?P<value>(?:happily |recently |newly |still )*(?:married|engaged|divorced|single|separated|widowed|in a relationship))\b.*$", CONTEXT, "family", slot="relationship", lasting=Lasting.LONG),
    rule(r"^(?:i|we) (?:am|are|just|recently)? ?(?P<value>expecting (?:a |our |my )?.+|had a baby.*|broke up.*|got married.*|lost my (?:mother|mum|mom|father|dad|brother|sister|dog|cat|job|grandmother|grandfather|best friend).*)$", CONTEXT, "life event", valence=None, lasting=Lasting.LONG),
    # --- Work, home, age
    rule(r"^i (?:now |currently |recently |just )*(?:work|am working|started working|have been working|started) (?P<value>as (?:an? |the )?.{3,})$", CONTEXT, "work", slot="job", lasting=Lasting.LONG),
    rule(rf"^i am (?P<value>(?:now )?(?:an? )?(?:\w+ )?(?:{JOB}|self-employed|unemployed|retired|between jobs|on parental leave|on maternity leave|on sick leave))(?: (?:at|in|for|from|by|with|since) .+)?$", CONTEXT, "work", slot="job", lasting=Lasting.LONG),
    rule(r"^i (?:now |currently |usually |mostly |often |only |still )*work (?P<value>(?:from home|remotely|nights?|night shifts?|late shifts?|early shifts?|shifts|rotating shifts|part[- ]time|full[- ]time|on (?:the )?weekends|\d+ hours a (?:week|day)|long hours|in (?:an office|a hospital|the office|retail|finance|it|sales|marketing|construction|hospitality|a school|a restaurant|a shop)).*)$", CONTEXT, "work", slot="work pattern", lasting=Lasting.LONG),
    rule(r"^i (?:now |currently |recently |just )*(?:work|am working|started working) (?P<value>(?:at|for) (?!it\b|this\b|that\b|my (?:goal|body|dream)|noon|night|\d).{2,})$", CONTEXT, "work", slot="employer", lasting=Lasting.LONG),
    rule(r"^i (?:just |recently |finally |have |will |am going to )*(?P<value>(?:got|found|have|start(?:ed)?|begin|am starting) (?:an? |my )?new job.*|(?:quit|lost|left) my job.*|got (?:promoted|fired|laid off).*|(?:got|was) made redundant.*|retired(?: .*)?)$", CONTEXT, "work", "life event", slot="job", valence=None, lasting=Lasting.LONG),
    rule(r"^(?:i|we) (?:now |currently |still |both )*live (?P<value>(?:alone|by myself|with (?:my|a|two|three|some).+))$", CONTEXT, "home", slot="household", lasting=Lasting.LONG),
    rule(r"^(?:i|we) (?:now |currently |still |just |recently |have |am |are )*(?:live in|lived? near|moved (?:back )?to|moved (?:back )?in with|moved out of|(?:am |are )?moving to|relocated to) (?P<value>(?!the next|another (?:plan|habit)).{2,})$", CONTEXT, "home", slot="home", lasting=Lasting.LONG),
    rule(r"^i (?:am|just turned|turned) (?P<value>[1-9]\d)(?: years? old)?(?: (?:this (?:month|week|year)|today|yesterday|last (?:week|month)))?$", CONTEXT, slot="age", lasting=Lasting.LONG),
    rule(r"^my birthday is (?:on )?(?:the )?(?P<value>.{3,30})$", CONTEXT, slot="birthday", lasting=Lasting.LONG),
    # --- Usual times
    rule(rf"^i {HOW}(?P<doing>(?:have to |need to )?(?:wake up|get up|go to bed|go to sleep|fall asleep|start work|finish work|end work|leave work|leave for work|have lunch|have dinner|eat dinner|go to the gym|train|run|work out|exercise|meditate|walk(?: the dog)?|swim|go running|go for a (?:run|walk)|have (?:class|practice|training)|study|journal|read|pray)) (?P<value>(?:at|around|about|by|before|after|between|from|every|each|on|in the|during|first thing|twice|three times|once|\d+ times) ?.*(?:{CLOCK}|morning|evening|afternoon|night|days?|weekends?|work|breakfast|lunch|dinner|week|break|bed)\b.*)$", CONTEXT, "schedule", slot=_usual_time),
    rule(r"^my (?:daily )?commute (?:is|takes) (?P<value>.{3,})$", CONTEXT, "schedule", slot="commute"),
    rule(r"^i have (?P<value>(?:an? |my )?[\w ]{2,40} (?:every|each) (?:other )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|evening|afternoon|week|weekend|weekday|day)\b.*)$", CONTEXT, "schedule"),
    rule(rf"^(?:i have|i am having|i have got) (?P<value>(?:an? |my |the |our |two |three )?(?:\w+ ){{0,3}}{EVENT}\b.*\b{DATE}.*)$", CONTEXT, "event", happens=True),
    rule(rf"^my (?P<value>(?:\w+ ){{0,3}}{EVENT} (?:is|are|starts|was moved to) .*{DATE}.*)$", CONTEXT, "event", happens=True),
    rule(rf"^(?:i|we) (?:am|are|will be) (?P<value>(?:going |leaving |flying |travell?ing |away |going away )?(?:on (?:a |my |our )?(?:holiday|vacation|business trip|trip|honeymoon|parental leave)|to (?!(?:get|be|do|go|take|have|make|try|skip|stop|start|run|walk|see|call|buy|eat|sleep|work|read|write|cook|meet|miss|keep|need|come|use|put|give|think|look|find|ask|tell|clean|finish|train|swim|pay|rest|stay|give|move|book|talk|pick|bring|drink|wait|let|show|leave|play|watch|study|learn|meditate|stretch|practi[cs]e|hit|lift|bike|cycle|join|plan|send|wake|set)\b)[a-z]{{3,}}|on leave) .*{DATE}.*)$", CONTEXT, "event", happens=True),
    # --- What helps, what was noticed
    rule(r"^i (?:have |just |finally |recently |also |only )*(?:reali[sz]ed|noticed|learn(?:ed|t)|figured out|found out|discovered|understood)(?: now| today| yesterday| this week)?,? (?:that )?(?!(?:the|this|your|an?) (?:app|button|page|link|bug|plan|chart|reminder|site)|you\b|it (?:says|shows)|how to)(?P<value>.{12,})$", INSIGHT, valence=0.2),
    rule(r"^what (?:really |always |usually |actually )?(?:helps|works|motivates|calms)(?: best)?(?: for)?(?: me)?(?: most| best| is when)? (?:is|are) (?P<value>.{4,})$", INSIGHT, valence=0.3),
    rule(r"^(?!it\b|that\b|this\b|you\b|your\b|the (?:app|plan|coach)\b|not\b)(?P<value>[a-z][\w' ]{2,70}) (?:really |always |usually |often )?(?:helps? me(?: .+)?|works? (?:best|well|better|great) for me(?: .*)?|motivates me(?: .+)?|calms me(?: .+)?|keeps me (?:going|sane|on track|accountable)(?: .+)?|gives me energy(?: .+)?)$", INSIGHT, valence=0.4),
    rule(r"^i (?:\w+ )?(?:sleep|feel|focus|work|eat|concentrate|perform|train|run) (?:much |a lot |way |so much |far )?(?:better|worse|best|more calmly) (?P<value>(?:when|after|without|with|on|in|before) .{3,})$", INSIGHT, valence=None),
    # --- Struggles and wins
    rule(r"^i (?:really |always |often |still |constantly |just |usually |tend to |sometimes )*(?:struggle|have trouble|have a hard time|have difficulty|have problems|am struggling|am having trouble|am having a hard time) (?P<value>(?:with|to|in|on|after|at|when|sticking|staying|getting|finding|falling|keeping|saying|waking|making|concentrating|focusing|sleeping|resisting) ?(?!you\b|this app|the app|it$|that$).{2,})$", STRUGGLE, valence=-0.5),
    rule(r"^i (?P<value>(?:(?:always|often|usually|constantly|regularly) |keep (?:on )?|tend to |end up )+(?:skip|miss|forget|fail|procrastinat|giv|quit|snack|overeat|oversleep|postpon|put|scroll|stay(?:ing)? up|order|binge|break|fall|lose|los|get(?:ting)? distracted|buy|eat(?:ing)? (?:too|late|junk|when)|drink(?:ing)? too|compar|avoid|cancel|overdo|start(?:ing)? (?:over|too|strong)|hit(?:ting)? snooze|work(?:ing)? too)\w*\b.*)$", STRUGGLE, valence=-0.5),
    rule(r"^i (?:really |always |often |still |just )*(?:find it (?:so |very |really |too )?(?:hard|difficult|tough)|can not seem|can hardly|can not get myself|do not have the (?:energy|time|patience)) (?P<value>(?:to|for) .{3,})$", STRUGGLE, valence=-0.5),
    rule(r"^(?!it\b|that\b|this\b|you\b|your\b)(?P<value>[a-z][\w' ]{2,50}) (?:is|are) (?:really |so |very |always |the |my )*(?:hard(?:est)?(?: part)?|difficult|a struggle|tough|biggest (?:challenge|problem|struggle|obstacle|weakness)|weak spot) for me(?: .*)?$|^my (?:biggest|main|worst) (?:challenge|problem|struggle|obstacle|weakness) is (?P<main>.{3,})$", STRUGGLE, valence=-0.5),
    rule(r"^i (?:finally |just |actually |really |have |even )*(?P<value>(?:ran|finished|completed|managed|hit|reached|lost|walked|lifted|passed|won|swam|cycled|wrote|read|saved|cooked|slept|got up|woke up|meditated|beat|achieved|made it|did|quit|stopped|paid off|published|climbed|kept|stuck) (?=.*\b(?:first|finally|best|record|goal|whole|entire|every day|in a row|straight|personal|race|marathon|5 ?k|10 ?k|half|without|\d+ (?:kg|kilos?|pounds?|lbs|days|weeks|km|kilomet(?:er|re)s?|miles)|exam|smoking|drinking|debt|all (?:my|week|month)|stuck to|promoted|to the plan|nonstop)\b).+)$", VICTORY, valence=0.7),
    rule(r"^i finally (?P<value>(?:ran|finished|completed|managed|reached|walked|passed|wrote|read|cooked|slept|got|woke|did|went|started|quit|stopped|cleaned|called|talked|made|booked|signed) .{4,})$", VICTORY, valence=0.7),
    rule(r"^i am (?:so |really |very |quite |pretty )*proud (?:of (?!you\b)|that )(?P<value>.{4,})$", VICTORY, valence=0.8),
    # --- Moods
    rule(rf"^i (?:am|feel|have been|have been feeling|am feeling|felt|was) (?:a bit |a little |so |very |really |extremely |quite |pretty |kind of |totally |completely |just |super |too |always |constantly |often )*(?P<value>{GOOD_MOOD}|{BAD_MOOD})(?: (?!of (?:you|this app|the app)|with (?:you|the app|this app)|for you)(?P<rest>.+))?$", CONTEXT, "mood", slot="mood", valence=None, lasting=Lasting.MOOD),
]  # fmt: skip

_NO_NAME = re.compile(
    r"(?:is|are|was|has|have|had|lives|live|works|work|also|just|recently|always|often|never|really|still|and|or|who|from|at|in|"
    r"with|does|do|can|will|got|to|the|s|called|named|that|of|for|on|i|we)"
)
_NAME_AFTER = re.compile(
    rf"\b(?i:(?:my|our)\s+(?P<relation>{RELATION})),?\s+(?:called\s+|named\s+)?(?P<name>[A-ZÀ-Þ][\w'-]+)"
)
_ENDS_WITHOUT_SENSE = re.compile(r"\b(?:to|the|a|an|and|or|but|with|of|for|my|is|are)$")


def kind_of(clause: Clause) -> MemoryType | None:
    """Which kind of memory a statement is, if it is one."""
    read = _read(clause)
    return None if read is None else read[0].memory_type


def memories_in(clause: Clause, said_at: datetime) -> list[FoundMemory]:
    """What a statement said at `said_at` (aware, in the person's zone) tells: one memory, or none."""
    read = _read(clause)
    return [] if read is None else [_memory(*read, clause, said_at)]


_REASON = re.compile(r",? (?:because|since) (?=(?:i|my|we|our|it|the|that)\b).*$")


def _read(clause: Clause) -> tuple[Rule, re.Match[str]] | None:
    """The first rule that fits the statement, or what it says without its reason."""
    if _ENDS_WITHOUT_SENSE.search(clause.plain):
        return None
    for plain in dict.fromkeys([clause.plain, _REASON.sub("", clause.plain)]):
        for each in (*RULES, *EVERYDAY):
            found = each.pattern.match(plain)
            if found is not None:
                return each, found
    return None


def _memory(rule: Rule, found: re.Match[str], clause: Clause, said_at: datetime) -> FoundMemory:
    slot, value = _slot_of(rule, found)
    subject = SELF
    if rule.memory_type == MemoryType.RELATIONSHIP and "relation" in found.re.groupindex:
        subject = _subject(found, clause)
    valence = tone(clause.quote).score if rule.valence is None else rule.valence
    return FoundMemory(
        text=sentence(clause.quote, said_at),
        quote=clause.quote,
        start=clause.start,
        memory_type=rule.memory_type,
        subject=subject[:80],
        slot=slot[:80],
        value=value,
        valence=max(-1.0, min(1.0, valence)),
        tags=rule.tags,
        lasting=rule.lasting,
        expires_at=_over(rule, clause, said_at),
    )


def _slot_of(rule: Rule, found: re.Match[str]) -> tuple[str, str]:
    if callable(rule.slot):
        return rule.slot(found)
    if not rule.slot:
        return "", ""
    return rule.slot, (found["value"] or "").strip(" .,!")


def _subject(found: re.Match[str], clause: Clause) -> str:
    """Whom it is about: by name where one was said, else as what they are to the person."""
    named = _NAME_AFTER.search(clause.quote)
    if named and not _NO_NAME.fullmatch(named["name"].lower()):
        return named["name"]
    return found["relation"]


MOOD_HOLDS, FOR_NOW_HOLDS, AFTER_EVENT = timedelta(days=30), timedelta(days=14), timedelta(days=7)


def _over(rule: Rule, clause: Clause, said_at: datetime) -> datetime | None:
    """When what was told is over, so that it is not taken for how things are: a mood, an illness, an event."""
    if rule.lasting == Lasting.MOOD:
        return said_at + MOOD_HOLDS
    if "for now" in rule.tags:
        return said_at + FOR_NOW_HOLDS
    moment = parse_moment(clause.quote, said_at) if rule.happens else None
    return None if moment is None else moment.at + AFTER_EVENT


_LEADING = re.compile(
    r"^(?:(?:and|but|so|also|actually|honestly|well|oh|yes|yeah|yep|no|nope|ok|okay|because|plus|anyway|you know|to be honest|tbh|"
    r"btw|by the way|hi|hello|hey|thanks|thank you|sorry|fyi|i mean|just so you know|the thing is|the truth is|hmm+|um+|ah|lol|haha|true|right|sure|look|listen)\b[,:!. ]*)+",
    re.I,
)


def sentence(quote: str, said_at: datetime) -> str:
    """The person's words as a sentence that stands by itself, with its days as dates."""
    said = ASIDE.sub("", _LEADING.sub("", tidy(quote)))
    text = with_absolute_dates(said, said_at.date()).replace("can not", "cannot")
    text = re.sub(r"\bi\b", "I", text).strip(" ,;:-")
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."
