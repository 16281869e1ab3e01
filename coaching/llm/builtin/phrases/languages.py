"""What is said to somebody who writes in another language: a line they can read, then the same in English."""

ENGLISH_ONLY = [
    "I only understand English so far. Could you say it in English? A short sentence is enough, such as “run 5 km in three months”.",
    "English is the only language I can read. A few simple words will do, such as “sleep better”.",
]
FIRST_LINE = {
    "es": "Lo siento, por ahora solo entiendo inglés.",
    "fr": "Désolé, pour l'instant je ne comprends que l'anglais.",
    "de": "Tut mir leid, bisher verstehe ich nur Englisch.",
    "pt": "Desculpe, por enquanto só entendo inglês.",
    "it": "Mi dispiace, per ora capisco solo l'inglese.",
    "nl": "Sorry, voorlopig begrijp ik alleen Engels.",
}
