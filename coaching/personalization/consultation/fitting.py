"""Where a clause belongs by what it says, and whether it answers what was asked.

People do not answer the question they were asked. What a clause plainly says decides; the question decides
only where the clause could be its answer, and otherwise the clause stays unfiled.
"""

import re

from coaching.language import mended, parse_time_of_day

from .topics import Kind, Topic

BODY_PART = r"(?:knees?|back|hips?|shoulders?|ankles?|wrists?|neck|foot|feet|elbows?)"
_ACTIVE = r"(?:play|run|walk|swim|cycle|bike|lift|row|climb|dance|ski|surf|box|train|exercise|jog|hike|race|compete|go to the gym|do (?:yoga|pilates|sports?|judo|karate|crossfit|ballet|gymnastics|athletics))"
GAVE_UP = re.compile(
    r"\b(?:tr[iy]ed|stoped|gave (?:it )?up|given up|giving up|quit|quitting|fell off|fallen off|failed|never (?:really )?lasted|(?:it )?lasted (?:only|just|about|maybe|two|three|four|a|one|\d+)|did not (?:last|work|stick|help)|stopped|dropped (?:it|out)|could not keep (?:it )?up|(?:every|new year'?s?) (?:january|resolution)s?|signed up|yo-?yo\w*|overtrained)\b"
)
_USED_TO = re.compile(r"\b(?:i|we) (?:\w+ )?used to\b|^used to\b")
_USED_TO_MOVE = re.compile(rf"\bused to (?:\w+ )?{_ACTIVE}\b")
_ROOM = re.compile(
    r"\b(?:i|we) (?:(?:can|could|might|have|would|only|just|maybe|probably|still|do|also|manage|got|spare|find) ?(?:have|do|spare|give|find|manage|got|only|about|around|like|maybe|up to)? ?){1,3}(?:\d+|half an|an|one|two|ten|fifteen|twenty|thirty|forty|sixty)[ -]?(?:minutes?|mins?|hours?|hrs?|h)\b"
)
_SCHEDULE = re.compile(
    r"\b(?:(?:come|get|am|arrive|be) (?:back )?home (?:at|late|around|by|from work|after)|work(?:ing)? (?:nights?|late|shifts|weekends|until|till|from \d|\d+ hours|(?:two|three) jobs)|(?:night|late|early|rotating|double) shifts?|shifts? (?:change|vary|rotate)\w*|long (?:meetings?|days|commute)|meetings? (?:until|till|all day|run)|(?:my )?(?:work )?day (?:starts|ends) at|(?:finish|start) (?:work )?(?:at|around) \d|leave (?:the house|home|for work) at|commut\w+|can not (?:do anything|make it|come)? ?on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|have \w+ (?:practice|choir|class|school) on (?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)
_NAMES_A_PROBLEM = re.compile(r"\b(?:problem|obstacle|hard(?:est)?|struggl\w+|gets? in)\b")
_GOOD = re.compile(
    r"\b(?:i|it) (?:\w+ )?(?:feels?|am|felt|do) (?:\w+ )?(?:best|great|good|calm(?:er|est)?|alive|happ(?:y|ier|iest)|at peace|better|awake|relaxed)\b[^.!?]{0,12}\b(?:when|after|outside|outdoors|in the|near|with)\b|\b(?:i love|i enjoy) (?:being|it when i|the (?:sea|forest|woods|mountains))\b"
)
_ABOUT_ONESELF = re.compile(
    r"^(?:hi,? |hello,? |and |so |well,? )*(?:my name is|i am \d{2}\b|i am (?:from|called|a \w+ (?:from|in)|married|divorced|single|retired)|i (?:live|grew up|was born) (?:in|near)|i have (?:\w+ ){1,2}(?:kids?|children|sons?|daughters?|cats?|dogs?|brothers?|sisters?|cars?)\b(?!.*\b(?:no time|tired|so i|never|late|early|nights?|wakes?|busy)\b)|nothing (?:stops|bothers) me|where do i (?:start|begin)|how do i (?:start|begin))\b"
)
# What others think one should do says nothing of what one does.
_OF_OTHERS = re.compile(
    r"\b(?:says?|said|thinks?|keeps? telling me|told me) (?:that )?i (?:should|need|must|have to|ought)\b|^i (?:really |know i )?should\b"
)
_BAD_HOURS = re.compile(
    r"\b(?:mornings?|evenings?|nights|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|afternoons?) (?:is|are) (?:\w+ )?(?:impossible|hard|difficult|chaos|hell|terrible|tough|worst|busy|bad|full)\b"
)
_FOR_WHOM = re.compile(
    r"^(?:it is |mostly |mainly )*for my (?:\w+ )?(?:family|kids?|children|son|daughter|health|wife|husband|partner|grandchildren)\b"
)
_LIMIT = re.compile(
    rf"\bmy {BODY_PART} (?:is|are|hurts?|gives?|ache|aches|went|does)\b|\b(?:bad|sore|weak|injured|torn) (?:{BODY_PART})\b|\b(?:arthritis|asthma|herniated|slipped disc|sciatica|tendon\w*)\b|\bi can not (?:jump|run|kneel|squat|lift)\b"
)
AVOIDS = re.compile(
    r"\b(?:do not (?:nag|push|shout|lecture|judge|baby|guilt|send|be|make me|tell|call|text|write|remind|compare|ask me|treat|need|want (?:any |to be |to hear |you to )?(?:nagg\w+|pushed|lectur\w+|judg\w+|prais\w+|quotes|reminders|told|emojis?))|no (?:more )?(?:nagging|lectur\w+|emojis?|judg\w+|guilt|pressure|jokes|calls|praise|reminders|small ?talk|hype|(?:\w+ )?(?:quotes|speeches|slogans|clich\w+|pep talks?))|(?:hate|can not stand) (?:it when|being (?:nagged|told|pushed|lectured|judged|called|reminded)|when (?:you|people|someone)|emojis?|nagging|lectur\w+)|please (?:do not|never|no|not)|never (?:shout|judge|nag|call|text|send|tell|push|message|write|remind|mention|compare))\b"
)
# Limits to what somebody will do, said without being asked.
_WILL_NOT = re.compile(
    r"\bi (?:will not|would never|will never|refuse to|am not going to|am not willing to)\b"
)
_MOTIVE = re.compile(
    r"^(?:because|cause|since|so that|so i|for (?:my|me|the|our|a|health)|to \w+)\b|\b(?:tired of|sick of|miss (?:it|how|being|feeling|that)|scared|afraid|worried|want|would|could|like to|hope|matters?|be (?:there|able|proud|around)|proud|healthy|healthier|confident|confidence|(?:my|the) (?:doctor|dad|father|mum|mom|mother|kids?|son|daughter|wife|husband|partner)|died|heart attack|feel(?:ing)?|energy|getting older|wedding|pain|blood pressure)\b"
)
_WENT_WRONG = re.compile(
    r"^(?:because|cause|since|too|not enough|no|lack of|work|life|time|money|injur\w+|illness|boredom|stress)\b|\b(?:got|was|were|lost|broke|moved|missed|felt|had|did|could not|stopped|became|ran|came|went|hurt|closed|changed|started|forgot|made|took|ended|too (?:much|many|hard|strict|early|late|boring|expensive|far)|bor(?:ed|ing)|injur\w+|ill|sick)\b"
)
_HABIT_NOW = re.compile(
    r"^(?:(?:and|but|well|so|also|usually|mostly|at the moment|right now|currently|these days|nowadays|every \w+|most days|on \w+days),? )*(?:i|we) (?:(?:usually|mostly|often|always|also|just|still|only|sometimes|normally) )*(?!want|wish|hope|would|could|can|feel|felt|was|had|got|did|need|am|have|do|like|love|miss|hate|know|think|guess|believe|forget|lose|struggle|tend|worry)[a-z]+\b(?<!ed)"
)
_SENTENCE = re.compile(
    r"^(?:and |but |so |also |well )*(?:i|i am|my|we|our|he|she|they|it|there|this|that|you|everyone|everybody|people)\b|^the \w+ (?:is|are|was|were)\b|\bi (?!guess|think|suppose)\w+"
)
_TAKEN_BACK = re.compile(
    r"\b(?:have|has) not (?:\w+ )?(?:run|walked|swum|cycled|trained|exercised|played|moved|lifted|danced|been (?:running|to the gym|active)) since\b|\b(?:run|walk|train|exercise|swim|play)\b.{0,20} (?:not )?any ?more\b|\bno longer (?:run|walk|train|exercise|swim|play)\b"
)
_NO_MEAL = re.compile(r"\b(?:tired|no ti(?:me|em)|exhausted|stress\w*|minutes)\b")
_CANNOT = re.compile(r"\bcan not\b|\bwant\b")
_ENDING = re.compile(
    r"^(?:and |but |then |so )*(?:(?:i|it|that) )?(?:\w+ )?(?:quit|stopped|gave|dropped|failed|lasted)\b"
)
_MEALTIME = re.compile(
    r"\b(?:noon|morning|evening|night|skip\w*|buy|order|nothing|normal\w*|healthy|whatever|same|regular\w*|irregular\w*|midday|six|seven|eight|once|twice|times)\b"
)


def plain_home(clause: str) -> tuple[Topic, Kind] | None:
    """Where a clause belongs whatever was asked, by what it plainly says."""
    text = mended(clause)
    if AVOIDS.search(text):
        return Topic.PREFERENCES, Kind.AVOID
    if GAVE_UP.search(text) and not _starts_to_wish(text):
        return Topic.PAST_FAILURES, Kind.ATTEMPT
    if _TAKEN_BACK.search(text) and not _CANNOT.search(text):
        return Topic.TRAINING, Kind.PATTERN
    if _FOR_WHOM.search(text):
        return Topic.GOALS, Kind.REASON
    if _USED_TO.search(text):
        is_movement = bool(_USED_TO_MOVE.search(text))
        return (Topic.TRAINING if is_movement else Topic.PAST_FAILURES), Kind.EXPERIENCE
    if _LIMIT.search(text):
        return Topic.TRAINING, Kind.LIMIT
    if _ROOM.search(text):
        return Topic.PREFERENCES, Kind.ROOM
    if _SCHEDULE.search(text) and not _NAMES_A_PROBLEM.search(text):
        return Topic.CHALLENGES, Kind.SCHEDULE
    if _BAD_HOURS.search(text):
        return Topic.CHALLENGES, Kind.OBSTACLE
    if _GOOD.search(text):
        return Topic.PREFERENCES, Kind.GOOD
    if _WILL_NOT.search(text):
        return Topic.PREFERENCES, Kind.BOUNDARY
    return None


def is_about_oneself_only(clause: str) -> bool:
    """Whether it tells who somebody is, which belongs to no topic."""
    text = mended(clause)
    return bool(_ABOUT_ONESELF.search(text) or _OF_OTHERS.search(text))


def answers(clause: str, topic: Topic, kind: Kind) -> bool:
    """Whether a clause can be the answer to a question for this kind of thing, by its form and words."""
    text = mended(clause)
    is_sentence = bool(_SENTENCE.search(text))
    if kind == Kind.REASON:
        if _HABIT_NOW.search(text) and not _MOTIVE.search(text):
            return False
        return bool(_MOTIVE.search(text)) or not is_sentence or " am " in f" {text} "
    if kind == Kind.CAUSE:
        return (bool(_WENT_WRONG.search(text)) and not _HABIT_NOW.search(text)) or not is_sentence
    if kind in {Kind.ATTEMPT, Kind.ACTIVITY, Kind.FREQUENCY, Kind.STYLE, Kind.AVOID}:
        return not is_sentence
    if kind == Kind.TIME_OF_DAY:
        return parse_time_of_day(clause) is not None or not is_sentence
    if topic == Topic.MEALS:
        if _NO_MEAL.search(text):
            return False
        return not is_sentence or bool(_MEALTIME.search(text))
    return True


def is_habit(clause: str) -> bool:
    """Whether it says what somebody does these days: "At the moment I walk twice a week"."""
    return bool(_HABIT_NOW.search(mended(clause)))


def gives_a_motive(clause: str) -> bool:
    return bool(_MOTIVE.search(mended(clause)))


def says_what_went_wrong(clause: str) -> bool:
    text = mended(clause)
    return bool(_WENT_WRONG.search(text)) and not _HABIT_NOW.search(text)


def takes_back(quote: str) -> bool:
    """Whether it says that something is not so any more: "I haven't run since March"."""
    return bool(_TAKEN_BACK.search(mended(quote)))


def is_an_ending(quote: str) -> bool:
    """Whether it tells how something ended, rather than what it was."""
    return bool(_ENDING.search(mended(quote)))


def _starts_to_wish(text: str) -> bool:
    """ "I want to quit smoking" is what somebody wants, not what they tried."""
    return bool(
        re.search(
            r"\b(?:want|would like|hope|trying|need|like) to (?:\w+ )?(?:quit|stop|give up)\b", text
        )
    )
