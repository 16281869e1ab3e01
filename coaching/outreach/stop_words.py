"""Reading STOP, START and HELP from a person's own words: by rules, without a model.

A wish is read only where the whole sentence is one. "Stop texting me" is; "I want to stop smoking",
"stop reminding me about running" and "don't call me before nine" are something else, and are left to
the coach. So each pattern holds a sentence from its first word to its last, with room for politeness.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from coaching.language.spelling import Speller
from coaching.models import MessageCause, MessageChannel
from coaching.safety.screen import normalize

LONGEST = 400


class WishKind(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True)
class Wish:
    """What a person wants to happen with messages that come unasked.

    `channels` and `causes` are what the words name; both empty means everything. `is_keyword`: one of
    the bare words that carriers know, and not a sentence.
    """

    kind: WishKind
    words: str
    channels: frozenset[MessageChannel] = frozenset()
    causes: frozenset[MessageCause] = frozenset()
    is_keyword: bool = False

    @property
    def is_about_everything(self) -> bool:
        return not self.channels and not self.causes


# --- Bare words ---------------------------------------------------------------------------------
# Written as the normalized text reads: lower case, no accents, no punctuation.
_STOP_WORDS = {
    *("stop", "stopp", "stpo", "sotp", "stopt", "stop stop", "stop stop stop", "please stop"),
    *(
        "s t o p",
        "stop please",
        "stop now",
        "just stop",
        "stop ok",
        "ok stop",
        "stop messages",
        "i said stop",
    ),
    *("stopall", "stop all", "all stop", "stop everything", "stop it all"),
    *("unsubscribe", "unsubscribe me", "unsub", "optout", "opt out", "opt me out", "remove me"),
    *("deja de escribirme", "abmelden", "desabonner", "se desabonner", "afmelden", "stoppen"),
    *("arret", "arreter", "arretez", "parar", "ferma", "darme de baja", "descadastrar"),
}
# Words of carriers that are ordinary words in a conversation.
_STOP_WORDS_BY_PHONE = {
    *(
        "cancel",
        "end",
        "quit",
        "revoke",
        "stop it",
        "stop this",
        "stop that",
        "end it",
        "cancelled",
    ),
    *(
        "alto",
        "basta",
        "baja",
        "cancelar",
        "fin",
        "ende",
        "aufhoren",
        "aufhoeren",
        "sair",
        "annulla",
    ),
    *("go away", "fuck off", "piss off", "get lost", "wrong number", "enough", "no more"),
}
_START_WORDS = {
    *("start", "unstop", "un stop", "start again", "restart", "resubscribe", "subscribe"),
    *("optin", "opt in", "opt me in", "opt back in", "opt me back in", "start messages"),
    *("start all", "iniciar", "starten", "commencer", "comenzar", "iniziare", "comecar"),
}
_START_WORDS_BY_PHONE = {"yes", "resume", "continue", "si", "oui", "ja", "sim"}
_HELP_WORDS = {
    *("help", "info", "help please", "please help", "help help", "ayuda", "aide", "hilfe"),
    *("ajuda", "aiuto", "hulp"),
}
_HELP_WORDS_BY_PHONE = {
    *("who is this", "whos this", "who are you", "what is this", "who is texting me", "support"),
    *("who is texting", "who sent this", "who is calling", "who is calling me", "hlp", "halp"),
}
_ALL_OF_IT = {"stopall", "stop all", "all stop", "stop everything", "stop it all"}

# --- Sentences ----------------------------------------------------------------------------------
# Where words can be read in two ways ("anymore", "all of the", "text messages"), a repetition keeps what it
# took (`*+`, `(?>…)`): trying all ways again would take ages for a sentence that somebody made for that.
_LEAD = (
    r"^(?:(?:please|pls|plz|ok|okay|okey|just|hey|hi|hello|dear|coach|habyss|kindly|also|now|then|so|and|"
    r"but|well|seriously|honestly|look|listen|sorry|thanks|thank you|no|nope|yes|yeah|enough|stop|ugh|omg|"
    r"guys|dude|bro|immediately|for (?:gods|gods own|fucks|heavens) sake|i said|i told you to|i asked you to|"
    r"(?:can|could|would|will) you|you (?:can|could|should|must|may|need to|have to|had better|better)|"
    r"i (?:want|need|would like|d like|wish|ask|beg|am asking|m asking|am telling|expect) you to|"
    r"id like you to|id want you to|how (?:do|can) i|can i|may i|could i|"
    r"(?:i|id|we) (?:want to|would like to|like to|wish to|need to|d like to|have to|wanna)|"
    r"id rather|i would rather|lets|let us|from now on|going forward|as of now|again|the fuck|please do) )*"
)
_TAIL = (
    r"(?: (?:please|pls|plz|thanks|thank you|thx|now|any ?more|anymore|again|ever|ever again|at all|any longer|"
    r"from now on|for good|forever|for ever|permanently|immediately|right now|right away|at once|altogether|"
    r"completely|entirely|ok|okay|already|you|coach|habyss|asap|as of now|today on|in (?:the )?future|bye|"
    r"unless i (?:ask|write|message you)(?: first)?|it is (?:annoying|too much)|its (?:annoying|too much)|"
    r"it annoys me|so (?:much|often|many))\b)*+$"
)
_SENDING = (
    r"(?:texting|messaging|message|texts|writing|writing to|emailing|e mailing|mailing|calling|phoning|ringing|"
    r"contacting|notifying|pinging|nudging|reminding|bothering|spamming|pestering|bugging|harassing|"
    r"annoying|nagging|disturbing|poking|prodding|reaching out to|sending(?: things| stuff| anything)? to)"
)
_SEND = (
    r"(?:text|message|msg|write|write to|email|e mail|mail|call|phone|ring|contact|notify|ping|nudge|remind|"
    r"bother|spam|pester|bug|harass|disturb|reach out to|send(?: anything| stuff| things)? to|nag|poke)"
)
_THINGS = (
    r"(?:(?:text|sms|push|email|e mail|in app|phone|proactive|unasked|voice|robo|marketing|promotional)s? )?"
    r"(?:texts?|text messages?|sms|smses|messages?|msgs?|notifications?|notifs?|reminders?|nudges?|nudging|"
    r"emails?|e mails?|mails?|mailings?|newsletters?|digests?|summary|summaries|briefs?|briefings?|calls?|"
    r"phone calls?|robocalls?|pings?|alerts?|pushes|push|check ins?|checkins?|"
    r"contact|spam|hooks?|prompts?|suggestions?)\b"
)
_WHICH = (
    r"(?:(?:all|all of|any|any of|any more|more|the|these|those|this|that|your|of|of the|of your|of these|with|"
    r"getting|receiving|sending(?: me)?(?: out)?|daily|weekly|morning|constant|endless|stupid|annoying|"
    r"automatic|automated|unwanted|further|future|other|such|unsolicited|damn|bloody|fucking|me|from) )*+"
)
_FROM_YOU = r"(?: (?:from (?:you|habyss|the coach|this app|here|now on)|to me|to my (?:phone|number)|on my phone|by you|to this number))?"
_LISTED = rf"(?>{_THINGS}(?:(?: and| or|) (?:the |your |no )?(?:more )?{_THINGS})*)"

_STOP_SENTENCES = [
    rf"(?:stop|quit|cease|knock off|give up|stop it with|dont keep|do not keep|no) {_SENDING} (?:me|us){_TAIL}",
    rf"(?:stop|quit|cease) (?:notifying|pinging|nudging|bothering|spamming|pestering|bugging|harassing|"
    rf"nagging|contacting)(?: and {_SENDING})*(?: me)?{_TAIL}",
    rf"(?:stop|quit|cease) {_SENDING}(?:(?: and| or) {_SENDING})+ (?:me|us){_TAIL}",
    rf"(?:dont|do not|never|no longer|dont you|dont ever|do not ever|must not|not|wont|stop to|no) "
    rf"(?:ever |you )?{_SEND}(?: (?:and|or) {_SEND})* (?:me|us){_TAIL}",
    rf"(?:stop|quit|cease|no more|turn off|switch off|shut off|disable|enough|dont send|do not send|"
    rf"never send|deactivate|unsubscribe from|unsubscribe me from|opt out of|opt me out of|"
    rf"opt out from|remove me from|take me off) {_WHICH}{_LISTED}{_FROM_YOU}{_TAIL}",
    rf"(?:i am|im) (?:so )?(?:done with|sick of|tired of|fed up with) (?:all )?(?:of )?(?:these|those|your) "
    rf"{_WHICH}{_LISTED}{_FROM_YOU}{_TAIL}",
    rf"(?:i |we )?(?:dont|do not|no longer|dont ever) (?:want|wanna|wish)"
    rf"(?: to)?(?: get| receive| have| hear| see)? ?(?:any |no )?(?:more )?{_WHICH}{_LISTED}{_FROM_YOU}{_TAIL}",
    rf"(?:i )?(?:dont|do not|no longer) (?:want|wish|wanna)(?: to)? (?:hear from you|be (?:contacted|texted|"
    rf"messaged|called|emailed|notified|nudged|reminded|bothered|disturbed))(?: by you)?{_TAIL}",
    rf"(?:i )?(?:dont|do not) (?:want|wish) you to {_SEND} me{_TAIL}",
    rf"(?:stop|quit) (?:being )?(?:contacting|hearing from) (?:me|you){_TAIL}",
    rf"leave me (?:alone|be|in peace){_TAIL}",
    rf"(?:unsubscribe|unsub|opt out|opt me out|unsubscribe me|sign me off|sign me out)"
    rf"(?: (?:of|from))?(?: (?:this|that|it|all|all of (?:it|this)|everything|here|your list|the list|this list|habyss))?{_TAIL}",
    rf"(?:take|remove|delete|strike) (?:me|my (?:phone )?number|my email(?: address)?) (?:off|from|out of) "
    rf"(?:of )?(?:your|the|this|that|all)(?: \w+)? (?:lists?|database|system|contacts)?{_TAIL}",
    rf"(?:lose|delete|remove|forget) (?:my (?:phone )?number|this number){_TAIL}",
    rf"i (?:revoke|withdraw|take back) (?:my )?(?:consent|permission){_TAIL}",
    rf"i (?:am )?(?:opting|opt) out{_TAIL}",
    # Spanish, French, German, Portuguese, Italian, Dutch.
    r"^(?:por favor )?(?:deja|dejen|deje|para|paren|pare|basta) (?:ya )?de (?:escribir|llamar|enviar|mandar|molestar|contactar|mensajear|recordar)(?:me|nos)\b",
    r"^(?:por favor )?(?:ya )?no me (?:escrib|llam|mand|envi|contact|molest|record)\w*(?: (?:mas|mensajes|sms|correos|nada|nunca|por favor))*$",
    r"^(?:ya )?no quiero (?:recibir )?(?:mas )?(?:mensajes|llamadas|correos|sms|notificaciones|recordatorios)\b",
    r"^(?:por favor )?dejame en paz$",
    r"^(?:s il vous plait |s il te plait |stp |svp )?arrete[zr]? de (?:me |m ?)(?:ecrire|appeler|envoyer|contacter|harceler|embeter|deranger|relancer)\b",
    r"^(?:s il vous plait |s il te plait |stp |svp )?ne m ?(?:e )?(?:ecri|appel|contact|envo|derang|embet)\w* plus\b",
    r"^(?:je ne veux |je veux )?plus (?:de|aucun|recevoir de) (?:messages?|sms|textos?|appels?|mails?|e mails?|emails?|notifications?|rappels?)$",
    r"^(?:s il vous plait |stp |svp )?(?:laissez|laisse|fichez|fiche) moi (?:tranquille|en paix|la paix)$",
    r"^(?:bitte )?(?:hor|hoer|hore|hoere|horen sie|hort)(?: bitte)? auf(?: mir| mich| damit)? ?(?:zu |mir |mich )*(?:schreiben|anzurufen|texten|nerven|kontaktieren|nachrichten zu (?:schicken|senden|schreiben))$",
    r"^(?:bitte )?(?:schreib|schreibt|schreiben sie|ruf|ruft|rufen sie|kontaktier\w*|schick\w*|send\w*)(?: sie)? (?:mir|mich)(?: bitte)? (?:nicht|nie|keine (?:nachrichten|sms|mails|emails))(?: mehr)?(?: an)?(?: bitte)?$",
    r"^(?:bitte |ich will |ich mochte |ich moechte )?keine (?:nachrichten|sms|anrufe|mails|e mails|emails|erinnerungen|benachrichtigungen)(?: mehr)?(?: bitte)?$",
    r"^(?:bitte )?(?:lass|lasst|lassen sie) mich(?: bitte)?(?: endlich)? in ruhe$",
    r"^(?:por favor )?(?:pare|para|parem|parar) de me (?:mandar|enviar|ligar|escrever|chamar|contatar|incomodar)\b",
    r"^(?:por favor )?nao me (?:mande|ligue|escreva|contate|envie|incomode|mandem|liguem)\w*(?: mais)?(?: mensagens)?$",
    r"^nao quero (?:receber )?mais (?:mensagens|ligacoes|chamadas|e ?mails|sms|notificacoes|lembretes)$",
    r"^(?:per favore )?(?:smetti|smettila|smettetela|smettete) di (?:scriver|chiamar|mandar|contattar|inviar|disturbar)(?:mi|ci)\b",
    r"^(?:per favore )?non (?:scriver|chiamar|contattar|mandar|inviar|disturbar)mi (?:piu|mai piu)$",
    r"^(?:non voglio )?(?:piu |basta )(?:messaggi|chiamate|sms|notifiche|mail|email)$|^(?:per favore )?lasciami (?:in pace|stare)$",
    r"^stop (?:alsjeblieft )?met (?:mij |me )?(?:berichten|bellen|sms|appen|mailen|storen)(?: (?:te )?sturen)?$",
    r"^(?:stuur|bel|sms|app|mail|contacteer) (?:me|mij) (?:alsjeblieft )?(?:niet|geen berichten|nooit) meer$",
    r"^(?:ik wil )?geen (?:berichten|telefoontjes|sms|mails|meldingen|herinneringen) meer$|^laat (?:me|mij) met rust$",
]
_STOP_SENTENCES_BY_PHONE = [
    rf"(?:stop|quit|cease|no more) (?:texting|messaging|emailing|e mailing|calling|writing|reminding|sending)(?: and {_SENDING})*{_TAIL}",
]
_START_SENTENCES = [
    rf"(?:start|resume|begin) (?:the |your |my )?(?:{_SENDING}|sending) (?:me|us)(?: (?:{_LISTED}))? (?:again|once more)(?: please| now| thanks| coach)*$",
    rf"(?:start|resume|restart|unpause|unmute) (?:all |the |your |my |sending(?: me)? )*+{_LISTED}(?: again)?(?: please| now| thanks| coach)*$",
    rf"(?:turn|switch) (?:the |your |my |all )*{_LISTED} (?:back )?on(?: again)?(?: please| now)*$",
    rf"(?:turn|switch) (?:back )?on (?:the |your |my |all )*{_LISTED}(?: again)?(?: please| now)*$",
    rf"(?:you )?(?:can|may) {_SEND} me again(?: now| please)*$",
    rf"{_SEND} me again(?: now| please)*$",
    r"(?:subscribe|resubscribe|sign) me (?:again|up again|back up)(?: please)*$",
    rf"i (?:do )?(?:want|would like|d like) (?:to get |to receive )?(?:your |the )?{_LISTED} again(?: please)*$",
    r"(?:you )?(?:can|may) (?:speak|talk|come) (?:first|to me unasked) again(?: now| please)*$",
]

_CHANNELS = [
    (
        MessageChannel.SMS,
        r"\b(?:texts?|texting|text messages?|texted|sms|smses|textos?|mensajear|texten)\b",
    ),
    (
        MessageChannel.CALL,
        r"\b(?:calls?|calling|called|phone|phoning|ring|ringing|phone calls?|robocalls?|llam\w+|appels?|appeler|anrufe|anzurufen|ruft?|ligue\w*|ligar|ligacoes|chamadas|chiama\w*|bel|bellen|telefoontjes)\b",
    ),
    (
        MessageChannel.EMAIL,
        r"\b(?:e ?mails?|e ?mailing|e ?mailed|mails?|mailings?|newsletters?|correos|mailen)\b",
    ),
    (MessageChannel.PUSH, r"\b(?:push|pushes|push notifications?)\b"),
]
# "E-mail digests" is about e-mails; "texts and reminders" is about both.
_BY_CHANNEL = re.compile(
    r"\b(?:texts?|sms|e ?mails?|mail|phone|call|push) (?:reminders?|nudges?|digests?|briefs?|summar\w+)\b"
)
_NUDGES = frozenset({MessageCause.NUDGE, MessageCause.HOOK, MessageCause.CHECK_IN})
_CAUSES = [
    (
        frozenset({MessageCause.REMINDER}),
        r"\b(?:reminders?|reminding|remind|reminded|recordatorios|rappels?|erinnerungen|lembretes|herinneringen)\b",
    ),
    (
        _NUDGES,
        r"\b(?:nudges?|nudging|nudged|check ?ins?|hooks?|prompts?|suggestions?|nagging|prodding|poking)\b",
    ),
    (
        frozenset({MessageCause.BRIEF}),
        r"\b(?:morning briefs?|morning briefings?|briefs?|briefings?)\b",
    ),
    (
        frozenset({MessageCause.DIGEST}),
        r"\b(?:digests?|weekly (?:summary|summaries)|summary|summaries)\b",
    ),
]
_SPELLER = Speller(
    [
        *(
            "texting",
            "messaging",
            "message",
            "messages",
            "emailing",
            "emails",
            "calling",
            "contacting",
        ),
        *(
            "contact",
            "notifications",
            "notification",
            "notifying",
            "reminders",
            "reminding",
            "nudging",
        ),
        *("bothering", "sending", "please", "anymore", "unsubscribe", "alone", "leave", "nudges"),
    ],
    known=[
        *(
            "testing",
            "massage",
            "massages",
            "massaging",
            "spending",
            "mending",
            "vending",
            "lending",
        ),
        *(
            "falling",
            "balling",
            "culling",
            "along",
            "contract",
            "contracts",
            "contracting",
            "receiving",
        ),
        *("rewinding", "mess", "passages", "leaves", "clone", "bending", "tending", "pending"),
    ],
)


def _compiled(sentences: list[str]) -> list[re.Pattern[str]]:
    return [re.compile(each if each.startswith("^") else _LEAD + each) for each in sentences]


_STOPS = _compiled(_STOP_SENTENCES)
_STOPS_BY_PHONE = _compiled(_STOP_SENTENCES_BY_PHONE)
_STARTS = _compiled(_START_SENTENCES)
_SLIPS = re.compile(r"\b(?:stopp+|stpo|sotp|stooop|stahp|plese|plase|pleas|plz|stp)\b(?= )")


def read_wish(text: str, *, by_phone: bool = True) -> Wish | None:
    """What `text` says about messages that come unasked, or `None` when it speaks of something else.

    `by_phone`: the text came by SMS or was said in a call, where words such as CANCEL, END, QUIT and YES
    are commands; in a chat they are ordinary words.
    """
    if len(text) > LONGEST:
        return None
    whole = normalize(text)
    if not whole:
        return None
    words = text.strip()
    if wish := _bare(whole, words, phone=by_phone):
        return wish
    sentences = list(_sentences(text))
    stops = [*_STOPS, *(_STOPS_BY_PHONE if by_phone else ())]
    for sentence in sentences:
        if any(pattern.search(sentence) for pattern in stops):
            return Wish(WishKind.STOP, words, *_named(sentence))
    if any(pattern.search(sentence) for sentence in sentences for pattern in _STARTS):
        return Wish(WishKind.START, words)
    return None


def _bare(whole: str, words: str, *, phone: bool) -> Wish | None:
    for form in (whole, _SPELLER.mend(whole)):
        if form in _STOP_WORDS or (phone and form in _STOP_WORDS_BY_PHONE):
            return Wish(WishKind.STOP, words, is_keyword=form not in _ALL_OF_IT)
        if form in _START_WORDS or (phone and form in _START_WORDS_BY_PHONE):
            return Wish(WishKind.START, words, is_keyword=True)
        if form in _HELP_WORDS or (phone and form in _HELP_WORDS_BY_PHONE):
            return Wish(WishKind.HELP, words, is_keyword=True)
    return None


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each normalized and with its slips mended; then the whole."""
    parts = re.split(r"[.!?;\n]+|,|(?<!-) - ", text)
    for part in [*parts, text]:
        sentence = _SLIPS.sub(_unslipped, normalize(part))
        if sentence:
            yield _SPELLER.mend(sentence)


def _unslipped(found: re.Match[str]) -> str:
    return "please" if found[0].startswith("p") else "stop"


def _named(sentence: str) -> tuple[frozenset[MessageChannel], frozenset[MessageCause]]:
    """The channels and the kinds of message that a sentence names."""
    causes = frozenset().union(
        *(kinds for kinds, pattern in _CAUSES if re.search(pattern, sentence))
    )
    channels = frozenset(channel for channel, pattern in _CHANNELS if re.search(pattern, sentence))
    # "No more messages and texts" is about everything, whatever else it names.
    if re.search(
        r"\b(?:messages?|messaging|notifications?|contact\w*|anything|everything)\b", sentence
    ) and not (re.search(r"\b(?:text|push|sms) (?:messages?|notifications?)\b", sentence)):
        return frozenset(), frozenset()
    if _BY_CHANNEL.search(sentence):
        return channels, frozenset()
    return channels, causes
