"""Text made comparable: one kind of quote, contractions written out, single spaces."""

import re
import unicodedata
from functools import lru_cache

_QUOTES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "\u00a0": " ",
    }
)

# Left: as people type it (with or without the apostrophe). Right: written out.
_CONTRACTIONS = {
    r"can'?t|cannot": "can not",
    r"won'?t": "will not",
    r"shan'?t": "shall not",
    r"(?:ain'?t)": "am not",
    r"(do|does|did|is|are|was|were|has|have|had|could|would|should|must|need)n'?t": r"\1 not",
    r"i'?m": "I am",
    r"i'?ve": "I have",
    r"i'll": "I will",
    r"i'd": "I would",
    r"let'?s": "let us",
    r"(you|we|they)'?re(?<!were)": r"\1 are",
    r"(you|we|they)'?ve": r"\1 have",
    r"(you|we|they|he|she|it|that|there)'ll": r"\1 will",
    r"(you|we|they|he|she|it|that|there)'d": r"\1 would",
    r"(what|how|who|where|when|that|there|here|he|she|it)'s": r"\1 is",
    r"whats|wats": "what is",
    r"hows": "how is",
    r"thats": "that is",
    r"wanna": "want to",
    r"gonna": "going to",
    r"gotta": "got to",
    r"lemme": "let me",
    r"gimme": "give me",
    r"dunno": "do not know",
    r"idk": "I do not know",
    r"u": "you",
    r"ur": "your",
    r"pls|plz|plis": "please",
    r"thx|thnx|tks|ty": "thanks",
    r"tmrw|tmr|tomorow|tommorow|tommorrow|2moro": "tomorrow",
    r"wnat|watn|wnt": "want",
    r"lern|leran|laern": "learn",
    r"teh|hte": "the",
    r"sumer|summmer": "summer",
    r"cristmas|chrismas|christmass": "christmas",
    r"febuary|feburary": "february",
    r"wendsday|wensday|wednsday": "wednesday",
    r"mintues|minuets|minuts|mintes": "minutes",
    r"excercise|exersise|excersise": "exercise",
    r"weigth|wieght|wight": "weight",
    r"nvm": "never mind",
    r"rn": "right now",
    r"bc|cuz|coz": "because",
}
_EACH = [(re.compile(rf"\b(?:{left})\b", re.I), right) for left, right in _CONTRACTIONS.items()]
_MAY_CONTRACT = re.compile(
    r"'|\b(?:cannot|\w+nt|i(?:m|ve)|lets|(?:you|they)(?:re|ve)|we(?:ve)|w(?:h)?ats|hows|thats|\w+nna|gotta|lemme|gimme|"
    r"dunno|idk|ur?|pl[zs]|plis|thn?x|tks|ty|w(?:na|at|n)t|watn|ler[an]n?|laern|teh|hte|sum+er|ch?ris+mas+|febuary|feburary|wendsday|wensday|wednsday|mintues|minuets|minuts|mintes|excercise|exersise|excersise|weigth|wieght|wight|to?m+or*r*ow|tmrw?|2moro|nvm|rn|bc|c[uo]z)\b",
    re.I,
)
_SPACES = re.compile(r"\s+")


# What is read of one text: a wish stands in its first page, and time stays bounded.
LONGEST = 1200


# What a message of nothing but signs says in words.
_SIGNS = {
    "👍👌✅🆗✔": "yes",
    "👎❌🚫": "no",
    "🎉🥳💪🏆🙌🔥🎊": "so proud",
    "🙏❤💙💚🧡💛💜😊🥰😍": "thanks",
    "😢😭😞😔😩😫☹🙁": "I feel down",
    "😡🤬😠😤": "so frustrated",
    "👋": "hello",
}


def _said_by_signs(text: str) -> str:
    """The words for a message without any letter or number; the text itself where there are some."""
    if len(text) > 40 or any(letter.isalnum() for letter in text):
        return text
    return next(
        (words for signs, words in _SIGNS.items() if any(s in signs for s in text if s > "~")), text
    )


@lru_cache(maxsize=512)
def tidy(text: str) -> str:
    """The text in its own case with plain quotes, contractions written out and single spaces."""
    text = text[:LONGEST]
    text = _said_by_signs(unicodedata.normalize("NFKC", text).translate(_QUOTES))
    if _MAY_CONTRACT.search(text):
        for pattern, written_out in _EACH:
            text = pattern.sub(written_out, text)
    return _SPACES.sub(" ", text).strip()


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """`tidy` in lower case: what the readers of this package match against."""
    return tidy(text).lower()


_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+(?:[.,:]\d+)*[a-z]*")


def words_in(text: str) -> list[str]:
    """The words and numbers of a text in lower case, without punctuation."""
    return _WORD.findall(plain(text))
