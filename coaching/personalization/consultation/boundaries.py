"""What a consultation leaves alone: food and weight for some people, symptoms, and advice that is others' to give."""

import re
from collections.abc import Iterable
from enum import StrEnum

from coaching.language import Intent, guesses, mended

from .topics import Interview, Item, Kind, Topic, Understood

_OF_OTHERS = r"(?:wife|husband|partner|girlfriend|boyfriend|sister|brother|friend|daughter|son|mother|mum|mom|colleague|she|he|they|client|clients|patients)"
_NOT_MINE = re.compile(
    rf"\b(?:not|never|no|without)\b(?:\s+\w+){{0,3}}\s+(?:pregnan\w*|(?:an? )?eating disorder|anorexi\w*|bulimi\w*)"
    rf"|\b(?:my )?{_OF_OTHERS}(?: \w+){{0,2}} (?:is|was|has|had|have)(?: \w+){{0,3}} (?:pregnan\w*|breastfeeding|expecting|eating disorder|anorexi\w*|bulimi\w*)"
)
_FOOD_IS_SORE = re.compile(
    r"\b(?:eating disorders?|disordered eating|anorexi[ac]\w*|bulimi[ac]\w*|orthorexi[ac]\w*|binge[- ]?(?:eating|eat|ed|ing)?s?\b(?! (?:watch|read))|purg(?:e|es|ed|ing)|laxatives?|make myself (?:sick|throw up|vomit)|throw(?:ing)? up after|terrified of (?:eating|food|gaining)|recover(?:y|ing|ed) from (?:an? )?(?:ed|eating disorder))\b"
)
_PREGNANT = re.compile(
    r"\b(?:pregnan(?:t|cy)|expecting (?:a|our|my) (?:baby|child|first|second)|breast ?feeding|(?:first|second|third) trimester|postpartum)\b"
)
_YOUNG = re.compile(
    r"\bi (?:am|just turned|turned) (?:only )?(?:(1[0-7])|(ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen))\b(?! (?:minutes|weeks|months|days|kg|kilos|pounds|stone|st|hours|km|percent|%|weeks|pages|lbs))|\b(1[0-7])[- ]years?[- ]old\b|\bunder 18\b|\b(?:8|9|10|11)th grade\b|\ba minor\b"
)
_FOOD_OR_WEIGHT = re.compile(
    r"\b(?:weigh\w*|weight\w*|kilos?|kgs?|pounds?|lbs?|stone|calor\w+|kcal|bmi|diet\w*|fat|slim\w*|skinny|thin(?:ner)?|belly|lean|eat\w*|ate|food\w*|meals?|breakfast|lunch\w*|dinner|supper|snack\w*|sugar\w*|carbs?|fast(?:ing|ed)|portions?|sweets|chocolate|vegan|vegetarian|protein|cook\w*|dress size|appetite|hungry|crav\w+|bing\w+|purg\w+)\b"
)
_URGENT = re.compile(
    r"\bchest (?:pain|hurts|tightness|pressure)\b|\bpains? in (?:my|the) chest\b|\bmy chest\b[^.!?]{0,20}\b(?:hurts?|aches?|tight|burns?)\b|\bfaint(?:ed|ing|s)?\b(?! (?:hope|memory|smell))|\bpass(?:ed|ing)? out\b|\bblack(?:ed|ing)? out\b|\b(?:can not|could not|hard to|struggle to|trouble) (?:breathe|breathing|catch my breath)\b|\bout of breath (?:at rest|lying|sitting)\b|\bshort(?:ness)? of breath\b|\bblood in\b|\bcough\w* (?:up )?blood\b|\bvomit\w* blood\b|\bnumb(?:ness)?\b[^.!?]{0,20}\b(?:arm|leg|face|hand|foot|side)\b|\b(?:arm|leg|face|hand|foot|side)\b[^.!?]{0,14}\b(?:is|goes|went|feels) numb\b|\bslurred\b|\bpalpitations\b|\bheart (?:is )?(?:racing|skips|skipping|flutters)\b|\bseizures?\b|\bworst headache\b|\bsudden(?:ly)? (?:dizzy|weak|confused|lost (?:a lot of )?weight)\b"
)
_CLINICAL = re.compile(
    r"\b(?:diagnos\w+|disorder|patholog\w+|clinical(?:ly)?|symptom\w*|neurotic|narcissis\w+|bipolar|schizo\w+|adhd|autis\w+|ptsd|ocd|depressi(?:on|ve)|anxiety disorder|addict(?:ion|ed)|obes(?:e|ity)|borderline|comorbid\w*)\b",
    re.I,
)


class Advice(StrEnum):
    """What is asked for and not given here."""

    MEDICAL = "medical"
    FINANCIAL = "financial"


def closes_food(text: str) -> bool:
    """Whether the words say that food and weight had better be left alone: an eating disorder, a pregnancy,
    or an age under eighteen."""
    plain = mended(text)
    own = _NOT_MINE.sub(" ", plain)
    return bool(_FOOD_IS_SORE.search(own) or _PREGNANT.search(own) or _YOUNG.search(own))


def says_under_age(text: str) -> bool:
    """Whether the person says that they are younger than eighteen."""
    return bool(_YOUNG.search(mended(text)))


def is_urgent(text: str) -> bool:
    """Whether a symptom is named that belongs before a doctor."""
    return bool(_URGENT.search(mended(text)))


def advice_wanted(text: str) -> Advice | None:
    """Which advice is asked for that a coach must leave to others."""
    for guess in guesses(text):
        if guess.confidence >= 0.6 and guess.intent == Intent.DECLINE_MEDICAL:
            return Advice.MEDICAL
        if guess.confidence >= 0.6 and guess.intent == Intent.DECLINE_FINANCIAL:
            return Advice.FINANCIAL
    return None


def is_about_food_or_weight(text: str) -> bool:
    return bool(_FOOD_OR_WEIGHT.search(mended(text)))


def leave_food_out(understood: Understood, interview: Interview) -> None:
    """Closes the topic of eating and takes out all that speaks of food or weight."""
    if Topic.MEALS not in interview.left_out:
        interview.left_out.append(Topic.MEALS)
    for topic, items in understood.items.items():
        items[:] = [
            item
            for item in items
            if item.kind == Kind.BOUNDARY
            or (topic != Topic.MEALS and not is_about_food_or_weight(f"{item.value} {item.quote}"))
        ]


def may_be_kept(topic: Topic, item: Item, interview: Interview) -> bool:
    """Whether an item may be stored: not of a closed topic, no symptom, and no diagnosis that was not said."""
    if topic in interview.closed or is_urgent(item.quote):
        return False
    if Topic.MEALS in interview.left_out and is_about_food_or_weight(f"{item.value} {item.quote}"):
        return False
    return not adds_a_diagnosis(item.value, item.quote)


def adds_a_diagnosis(value: str, quote: str) -> bool:
    """Whether a value uses a clinical word that the person did not use."""
    said = quote.casefold()
    return any(word.casefold() not in said for word in _CLINICAL.findall(value))


def diagnoses(reply: str, said: Iterable[str]) -> bool:
    """Whether a reply uses a clinical word that nobody said before."""
    before = " ".join(said).casefold()
    return any(word.casefold() not in before for word in _CLINICAL.findall(reply))
