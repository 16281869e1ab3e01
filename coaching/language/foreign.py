"""Whether a text is written in another language than English, and in which, by its commonest words."""

import re
import unicodedata

from .wording import LONGEST

# The small words that carry a sentence; ones that are English words too are left out.
_SMALL_WORDS = {
    "es": "hola quiero yo mi mis que como para con una el los las por puedo necesito ayuda dormir correr aprender gracias meses quisiera soy estoy mejor dinero ahorrar",
    "fr": "bonjour je j'ai veux voudrais mon ma mes le les une des pour avec est suis apprendre dormir courir merci mois comment peux moi aide mieux argent",
    "de": "ich möchte moechte will ein eine einen mein meine der das und für fuer mit nicht wie kann schlafen laufen lernen danke hallo mehr monaten bitte mir geld sparen bin",
    "pt": "olá ola eu quero meu minha como para uma com não nao posso preciso ajuda dormir correr aprender obrigado obrigada meses melhor dinheiro",
    "it": "ciao io voglio vorrei mio mia come per una con sono non posso dormire correre imparare grazie mesi meglio imparo soldi",
    "nl": "ik wil mijn een het voor met niet hoe kan slapen rennen leren dank hallo maanden meer graag geld ben",
}
_ENGLISH = frozenset(
    [
        "i",
        "you",
        "the",
        "a",
        "an",
        "to",
        "of",
        "in",
        "and",
        "is",
        "are",
        "my",
        "me",
        "it",
        "do",
        "what",
        "how",
        "for",
        "can",
        "with",
        "want",
        "this",
        "that",
        "not",
        "have",
        "was",
        "be",
        "on",
        "at",
        "would",
        "should",
        "more",
        "please",
    ]
)
_BY_LANGUAGE = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
OTHER = "other"


def foreign_language(text: str) -> str | None:
    """The code of the language, "other" for another script, none for English or too little to tell."""
    words = _WORD.findall(text[:LONGEST].lower().replace("’", "'"))
    letters = [letter for word in words for letter in word if letter != "'"]
    if not letters:
        return None
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if latin * 2 < len(letters):
        return OTHER
    english = sum(word in _ENGLISH for word in words)
    best = max(_BY_LANGUAGE, key=lambda code: sum(word in _BY_LANGUAGE[code] for word in words))
    hits = sum(word in _BY_LANGUAGE[best] for word in words)
    return best if hits >= 2 and hits > english else None
