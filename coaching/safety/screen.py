"""The crisis screen: deterministic, in several languages, working with every model down.

It runs on what a person writes before any model sees it, and on what a model writes before a person
sees it. It would rather answer once too often than miss somebody; the few everyday figures of speech
that sound alike ("this workout is killing me") are taken out first.
"""

import re
import unicodedata
from dataclasses import dataclass

from coaching.models import CrisisCategory


@dataclass(frozen=True)
class CrisisHit:
    """What the screen found. `about_another` says that the words are about somebody else."""

    category: CrisisCategory
    language: str
    about_another: bool


_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "@": "a", "$": "s", "!": "i"})


def normalize(text: str) -> str:
    """Lower case, without accents, invisible characters, punctuation or doubled spaces.

    Apostrophes vanish, so "don't" reads "dont"; letters spelt apart ("s u i c i d e") close up.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    plain = "".join(
        " " if c.isspace() else c
        for c in plain
        if c.isspace() or (c.isprintable() and not unicodedata.combining(c))
    )
    plain = re.sub(r"['’`´]", "", plain)
    plain = re.sub(r"[^\w\s]|_", " ", plain)
    plain = re.sub(r"\b(?:\w ){4,}\w\b", lambda spelt: spelt.group().replace(" ", ""), plain)
    return re.sub(r"\s+", " ", plain).strip()


_FIGURES_OF_SPEECH = [
    r"\b(?:workout|run|gym|heat|traffic|job|work|boss|schedule|commute|squats?|stairs|shoes|back|legs?|knees?|feet|head|diet|hill|deadline|exam|homework|coffee|class|session)\w* (?:is|are|was|were|has been|have been)?\s*(?:just |really |literally |absolutely )?killing me\b",
    r"\bkilling me (?:softly|with laughter)\b",
    r"\bkill(?:ing)? (?:it|time|the (?:mood|vibe|lights?|workout|session|game|process))\b",
    r"\b(?:could|would|id) kill for\b",
    r"\bdying (?:to (?:try|see|know|go|start|tell|get|hear|meet|have)|of (?:laughter|boredom|thirst|hunger)|for a)\b",
    r"\b(?:nearly|almost) died (?:laughing|of (?:laughter|embarrassment))\b",
    r"\bsuicid(?:e|al) (?:squeeze|doors?|pace|sprints?|runs?|drills?|squad|mission)\b",
    r"\b(?:do|did|doing|run|ran|running) suicides\b",
    r"\bcut(?:ting)? myself (?:some slack|off|a (?:slice|piece|break)|while (?:shaving|cooking|chopping))\b",
    r"\bshot myself in the foot\b",
    r"\bhurt(?:ing)? myself (?:at|in|on|during|while|doing|lifting|running) (?:the )?(?:gym|a run|run|running|lifting|training|practice|squatting|deadlifting|a hike|yoga|football|basketball|my bike|the treadmill)\b",
    r"\bhit me up\b",
    r"\bhits? me (?:that|when|hard|how)\b",
]

# Written without accents, apostrophes or punctuation: that is how the normalized text reads.
_PATTERNS: list[tuple[CrisisCategory, str, str]] = [
    (CrisisCategory.SUICIDE, "en", r"\b(?:kill|end|off|hang|shoot|drown) (?:my ?self|myself)\b"),
    (CrisisCategory.SUICIDE, "en", r"\bkilling (?:my ?self)\b"),
    (CrisisCategory.SUICIDE, "en", r"\bkms\b|\bunaliv(?:e|ing) (?:my ?self)\b"),
    (CrisisCategory.SUICIDE, "en", r"\bsu[i1]c[i1]d(?:e|al|ality)\b|\bsewer ?slide\b"),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:end|ending|take|taking|took) (?:it all|my (?:own )?life)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:want|wanna|wish|going|ready|trying|like|rather|decided|plan(?:ning)?|need|feel like|thinking (?:about|of)) (?:to |i (?:could|would) )?(?:just )?(?:die|dying|be dead|not wake up|never wake up|disappear forever|not exist)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:wish|hope) i (?:was|were|d be|would be|wasnt|werent) (?:dead|never born|alive|not alive|gone)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:wish|hope) i (?:wouldnt|would not|dont|never|didnt) (?:wake up|exist)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:dont|do not|no longer|not|cant|cannot) (?:want to |wanna |going to |see (?:a )?(?:reason|point) (?:to|in) )?(?:live|living|be alive|go on living|be here|exist|keep living|stay alive)(?: any ?more| anymore| any longer)?\b(?! (?:in|with|at|near|on|alone|together|there|like|up to|off|for|during|when|if|until|late|right|before|early|without (?!him|her|them|you))\b)",
    ),
    (CrisisCategory.SUICIDE, "en", r"\b(?:better off|better) (?:dead|without me)\b"),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\bno (?:reason|point) (?:to|in) (?:live|living|go on|going on|being alive)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:cant|cannot|can not) (?:go on|do this|take (?:it|this)) any ?more\b.*\b(?:life|live|living|die|dead|goodbye|end)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:goodbye|suicide) (?:note|letter)\b|\bsay(?:ing)? (?:my )?final goodbye",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:jump(?:ing)?|throw(?:ing)? myself) (?:off|from|in front of) (?:a |the |my )?(?:bridge|roof|building|balcony|train)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "en",
        r"\b(?:kill|killing) (?:him|her|them)(?:self|selves)\b|\b(?:take|taking|took|end|ending) (?:his|her|their) (?:own )?(?:life|lives)\b",
    ),
    (
        CrisisCategory.SELF_HARM,
        "en",
        r"\bself ?harm(?:ing|ed)?\b|\b(?:cut|cutting|burn|burning|hurt|hurting|harm|harming|starve|starving|punish|punishing) (?:my ?self)\b",
    ),
    (
        CrisisCategory.OVERDOSE,
        "en",
        r"\bover ?dos(?:e|ed|ing)\b|\b(?:took|swallowed|take|taken) (?:all|too many|a (?:whole )?(?:bottle|handful|lot) of|way too many) (?:of )?(?:my |the |these |sleeping )*(?:pills|tablets|meds|medication|paracetamol|ibuprofen)\b",
    ),
    (
        CrisisCategory.VIOLENCE,
        "en",
        r"\b(?:he|she|they|husband|wife|partner|boyfriend|girlfriend|father|mother|dad|mum|mom|ex|someone|brother|uncle) (?:\w+ ){0,3}(?:hits|beats|beat|hit|chokes|choked|strangled|strangles|raped|rapes|assaulted|abuses|abused|threatened to kill|threatens to kill) me\b",
    ),
    (
        CrisisCategory.VIOLENCE,
        "en",
        r"\bi (?:was|got|have been|am being|ve been|am) (?:raped|assaulted|beaten|abused|sexually assaulted)\b",
    ),
    (
        CrisisCategory.VIOLENCE,
        "en",
        r"\b(?:going to|want to|gonna|wanna|will) kill (?:him|her|them|my (?:wife|husband|boss|partner|father|mother|kids?|children))\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "es",
        r"\b(?:quiero|quisiera|voy a|ganas de|prefiero|deseo) (?:morir(?:me)?|matarme|suicidarme|quitarme la vida|estar muert[oa])\b|\bsuicid(?:io|arme|arse)\b|\bno quiero (?:seguir )?(?:vivir|viviendo)(?: mas)?\b(?! (?:en|con|aqui|asi)\b)|\bacabar con mi vida\b",
    ),
    (CrisisCategory.SELF_HARM, "es", r"\b(?:cortarme|hacerme dano|autolesion\w*|lastimarme)\b"),
    (
        CrisisCategory.SUICIDE,
        "fr",
        r"\b(?:je veux|j ?ai envie de|envie de|je vais|je voudrais|vouloir) (?:mourir|me tuer|me suicider|en finir|me pendre)\b|\bme suicider\b|\bsuicid(?:aire|er)\b|\bmettre fin a (?:mes jours|ma vie)\b|\bje ne veux plus (?:vivre|etre en vie)\b|\bplus envie de vivre\b",
    ),
    (
        CrisisCategory.SELF_HARM,
        "fr",
        r"\b(?:me (?:couper les veines|scarifier|faire du mal)|automutil\w*)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "de",
        r"\bich (?:will|mochte|moechte|werde) (?:nur noch |einfach |nicht mehr leben|sterben|tot sein)|\b(?:mich|mir) (?:umbringen|umzubringen|das leben nehmen|das leben zu nehmen|erhangen|erschiessen)\b|\bbring(?:e)? mich um\b|\b(?:suizid\w*|selbstmord\w*)\b|\bnicht mehr leben\b|\bmeinem leben ein ende\b",
    ),
    (
        CrisisCategory.SELF_HARM,
        "de",
        r"\b(?:selbst ?verletz\w*|mich (?:ritzen|selbst verletzen)|ritze mich)\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "pt",
        r"\b(?:quero|queria|vou|vontade de) (?:morrer|me matar|me suicidar)\b|\bsuicid(?:ar me|ar)\b|\b(?:tirar|acabar com) a? ?minha (?:propria )?vida\b|\bnao quero mais viver\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "it",
        r"\b(?:voglio|vorrei|sto per) (?:morire|uccidermi|suicidarmi|farla finita|ammazzarmi)\b|\bsuicid(?:io|armi)\b|\btogliermi la vita\b|\bnon voglio piu vivere\b",
    ),
    (
        CrisisCategory.SUICIDE,
        "nl",
        r"\bik wil (?:dood|niet meer leven|mezelf (?:doden|ombrengen)|er niet meer zijn|sterven)\b|\bzelfmoord\w*\b|\bmezelf van kant maken\b",
    ),
]

_FIGURES = re.compile("|".join(_FIGURES_OF_SPEECH))
_COMPILED = [(category, language, re.compile(words)) for category, language, words in _PATTERNS]
_ABOUT_ANOTHER = re.compile(
    r"\b(?:my|a|our) (?:\w+ ){0,2}(?:friend|son|daughter|brother|sister|husband|wife|partner|mother|"
    r"father|mum|mom|dad|colleague|cousin|roommate|boyfriend|girlfriend|client|student|nephew|niece)\b"
    r".*\b(?:himself|herself|themselves|suicidal|suicide|self ?harm\w*|overdos\w*|his life|her life|their life)\b"
)
_ABOUT_SELF = re.compile(r"\b(?:i|im|ive|me|myself|my life)\b.*\b(?:too|myself|my (?:own )?life)\b")


def screen(text: str, *, country: str = "", locale: str = "en") -> CrisisHit | None:
    """What kind of crisis `text` speaks of, or `None`.

    `country` and `locale` do not narrow the search (people write in many languages); they are part of
    the call so that a screen for one country can be added without changing the callers.
    """
    for candidate in dict.fromkeys((normalize(text), normalize(text.translate(_LEET)))):
        readable = _FIGURES.sub(" ", candidate)
        for category, language, words in _COMPILED:
            if words.search(readable):
                about_another = bool(_ABOUT_ANOTHER.search(readable)) and not _ABOUT_SELF.search(
                    readable
                )
                return CrisisHit(category, language, about_another)
    return None
