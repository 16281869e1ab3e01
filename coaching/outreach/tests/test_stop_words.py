"""STOP, START and HELP are read in any wording, and nothing else is taken for them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.models import MessageCause, MessageChannel
from coaching.outreach.stop_words import LONGEST, Wish, WishKind, read_wish

STOPS = """
STOP | stop | Stop. | STOP!!! | Stopp | sotp | s t o p | StopAll | STOP ALL | UNSUBSCRIBE | unsubscribe please
Unsubscibe | opt out | OPTOUT | please stop | Please stop texting me | please stop texting me! | plese stop texing me
Stop messaging me | stop messageing me | quit calling me | Could you stop calling me? | ABMELDEN | ARRET
I want you to stop contacting me | don't message me anymore | Don't text me | do not contact me again
never call me again | please don't e-mail me any more | dont mesage me anymore | leave me alone
Just leave me alone! | please leave me alone now | no more reminders | No more e-mails please | no more calls
no more texts, thanks | stop the notifications | turn off all notifications | stop sending me messages
please stop sending these messages | I don't want any more messages | I don't want to receive e-mails from you
I no longer want to get texts | I don't want to hear from you | take me off your list | remove me from this list
delete my number | I withdraw my consent | how do I unsubscribe? | unsubscribe me from everything | Stop nagging me
stop bothering me | quit bugging me please | stop nudging me | no more nudges | enough with the messages
I'm sick of these texts | stop all messages | I'd like to stop receiving messages | I would like to opt out
stop spamming me | You must stop calling me | ok, stop messaging me. It's too much
Hi, please don't call me anymore | don't remind me anymore | turn off the morning brief | no more weekly summaries
stop the push notifications | deja de escribirme | no me llames más | No quiero más mensajes
arrêtez de m'écrire | plus de messages | laissez-moi tranquille | Hör auf mir zu schreiben
Bitte keine Nachrichten mehr | Schreib mir nicht mehr | lass mich in Ruhe | pare de me mandar mensagens
smettila di scrivermi | non chiamarmi più | lasciami in pace | stuur me geen berichten meer | laat me met rust
"""
STOPS_BY_PHONE = "CANCEL | END | QUIT | Stop it | revoke | cancel. | Wrong number | stop texting | no more calling"
SOMETHING_ELSE = """
I want to stop smoking | stop sugar | help me stop procrastinating | start running | cancel my reminder
quit smoking plan | stop smoking | how do I stop biting my nails? | I want to stop texting my ex
stop texting while driving | help me stop texting at night | my boss won't stop texting me | my ex keeps calling me
how do I get my mom to stop calling me | they won't leave me alone | my thoughts won't leave me alone
cravings don't leave me alone | don't let me forget | don't call me before 9 | don't text me after 8pm
don't message me on Sundays | stop reminding me about running | stop nudging me about the gym
don't remind me about water | don't call me Bob | stop calling me Bob | no more sugar | no more coffee after noon
no more excuses | no more snooze | end of the day | I quit my job | I quit | I want to quit drinking | stop at 9pm
stop drinking coffee | stop scrolling at night | stop my habit | pause my running habit | stop the plan
cancel the 5k plan | no messages this week | I'm on holiday until Monday | no notifications until Monday
fewer messages please | message me less often | remind me to stop at the shop
remind me to unsubscribe from the newsletter | I should unsubscribe from Netflix
I want to unsubscribe from newsletters I never read | call me | text me tomorrow | remind me to call mum
I stopped calling my ex | did you stop? | when should I stop? | stop talking about my weight
don't talk to me about calories | stop being so cheerful | turn off my phone at 10 | no phone after 9pm
no more phone in bed | less phone time | reduce emails at work | check emails only twice a day | answer emails at 9
no emails after 6pm | stop checking email in bed | stop checking notifications | stop looking at messages at night
I get too many emails | I'm tired of emails | no calls on Friday | no reminders please | I don't need reminders
start a new habit | start my plan | let's start | start tomorrow | restart my streak | help me | help me plan
help me stop smoking | I need help with sleep | can you help? | what is this streak? | leave work at five
leave early | I feel alone | I live alone | my friend told me to stop texting her | she asked me to stop calling
ok | no | enough sleep | I had enough | remove the habit | delete my account | delete my running habit
opt for the easier one | block my calendar | I don't want to stop | don't stop | never stop
keep going, don't stop me now | stop overeating | stop spending money | stop sending money to my brother
stop testing me | no more massages | end my plan | don't send the report, remind me tomorrow
I don't want to miss calls | mute my running habit | stop procrastinating on emails | no spam for lunch
I want to stop writing emails at night
"""
ORDINARY_IN_A_CHAT = (
    "quit | cancel | end | yes | continue | resume | enough | basta | stop it | go away"
)
STARTS = "START | Unstop | start messaging me again | you can text me again | resume messages | turn notifications back on | resubscribe"
HELPS = "HELP | help | Info | AYUDA | Hilfe"


def each(written: str) -> list[str]:
    return [part.strip() for line in written.strip().splitlines() for part in line.split("|")]


def kind(text: str, *, by_phone: bool) -> WishKind | None:
    wish = read_wish(text, by_phone=by_phone)
    return None if wish is None else wish.kind


def test_there_are_enough_of_them() -> None:
    assert len(each(STOPS)) > 70
    assert len(each(SOMETHING_ELSE)) > 100


@pytest.mark.parametrize("by_phone", [True, False])
def test_a_wish_to_be_left_alone_is_read(by_phone: bool) -> None:
    missed = [text for text in each(STOPS) if kind(text, by_phone=by_phone) != WishKind.STOP]
    assert not missed


@pytest.mark.parametrize("by_phone", [True, False])
def test_what_only_sounds_like_one_is_left_to_the_coach(by_phone: bool) -> None:
    taken = [text for text in each(SOMETHING_ELSE) if read_wish(text, by_phone=by_phone)]
    assert not taken


def test_words_of_carriers_are_commands_by_phone_only() -> None:
    missed = [text for text in each(STOPS_BY_PHONE) if kind(text, by_phone=True) != WishKind.STOP]
    taken = [
        text
        for text in each(f"{STOPS_BY_PHONE} | {ORDINARY_IN_A_CHAT}")
        if read_wish(text, by_phone=False)
    ]
    assert not missed
    assert not taken


@pytest.mark.parametrize("by_phone", [True, False])
def test_start_and_help_are_read(by_phone: bool) -> None:
    assert {kind(text, by_phone=by_phone) for text in each(STARTS)} == {WishKind.START}
    assert {kind(text, by_phone=by_phone) for text in each(HELPS)} == {WishKind.HELP}


@pytest.mark.parametrize(
    ("text", "channels", "causes"),
    [
        ("please stop texting me", {MessageChannel.SMS}, set()),
        ("no more calls", {MessageChannel.CALL}, set()),
        ("stop the push notifications", {MessageChannel.PUSH}, set()),
        ("no more e-mails or texts", {MessageChannel.EMAIL, MessageChannel.SMS}, set()),
        ("no more text reminders", {MessageChannel.SMS}, set()),
        ("no more reminders", set(), {MessageCause.REMINDER}),
        ("no more weekly summaries", set(), {MessageCause.DIGEST}),
        ("don't message me anymore", set(), set()),
        ("leave me alone", set(), set()),
        ("no more texts and messages", set(), set()),
    ],
)
def test_what_is_named_is_what_ends(
    text: str, channels: set[MessageChannel], causes: set[MessageCause]
) -> None:
    wish = read_wish(text)
    assert wish is not None
    assert (wish.channels, wish.causes) == (channels, causes)


def test_stopall_is_about_more_than_the_keyword() -> None:
    assert read_wish("STOP") == Wish(WishKind.STOP, "STOP", is_keyword=True)
    assert read_wish("STOPALL") == Wish(WishKind.STOP, "STOPALL")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=500))
def test_any_text_can_be_read(text: str) -> None:
    read_wish(text)
    read_wish(f"stop {text}")


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        ("stop", "text messages and texts"),
        ("no more", "all of your"),
        ("stop texting me", "anymore"),
        ("stop texting me", "ever again"),
        ("leave me alone", "okay"),
        ("start", "all the"),
        ("i dont want", "any more of the"),
        ("please", "i want you to"),
    ],
)
@pytest.mark.parametrize("by_phone", [True, False])
def test_a_sentence_made_to_be_slow_is_read_like_any_other(
    begin: str, again: str, by_phone: bool
) -> None:
    repeated = " ".join([again] * ((LONGEST - len(begin) - 5) // (len(again) + 1)))
    assert read_wish(f"{begin} {repeated} zzz", by_phone=by_phone) is None
