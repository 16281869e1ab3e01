"""From a task that is due to a nudge that was decided, written, sent, rated and learned from."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from coaching.llm.tests.model_server import ModelServer, Status, whole
from coaching.models import (
    CoachMessage,
    DeliveryState,
    NudgeDecision,
    Preferences,
    Reason,
)
from coaching.outreach import inbox, outbox
from coaching.outreach.nudging import decide_round, resolve_rewards
from coaching.outreach.tests.nudge_world import SPEAK, a_person, moment_of, steadily_active
from productivity import changing
from productivity.models import CoachingNudge, NudgeMode, PersonaProfile, Task, WrittenBy
from productivity.nudging import proactive, settling
from productivity.nudging.easing import ease_up
from productivity.nudging.rating import rate

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_starts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_start", lambda message_id: None)
    monkeypatch.setattr(proactive, "after_commit", lambda task, *arguments: None)


@pytest.fixture
def task() -> Task:
    call_command("load_message_templates", verbosity=0)
    ada = a_person(birth_year=1985)
    now = moment_of(ada)
    steadily_active(ada, now)
    return changing.create(
        ada, {"title": "Tax {form}", "due_at": now + 3 * HOUR}, source="web", now=now - HOUR
    )


@pytest.fixture
def teased(task: Task) -> Task:
    """A task of somebody whose nudges are roasts: a roaster that does not adapt."""
    Preferences.objects.create(user=task.user, humor_intensity=3)
    PersonaProfile.objects.create(user=task.user, persona_type="roast", adaptation_enabled=False)
    return task


def spoken(task: Task) -> tuple[CoachingNudge, CoachMessage]:
    """The nudge of a round at the person's point, and its message."""
    assert decide_round(now=moment_of(task.user), rng=SPEAK) == 1
    nudge = CoachingNudge.objects.select_related("message").get()
    assert nudge.message is not None
    return nudge, nudge.message


def sent(message: CoachMessage, at) -> CoachMessage:
    outbox.deliver(message.pk, now=at)
    message.refresh_from_db()
    return message


def test_a_nudge_is_decided_sent_and_settled(task):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    decision = NudgeDecision.objects.get()
    assert decision.template is not None
    assert (decision.need, decision.template.key) == ("productivity.due_soon", nudge.template_key)
    assert decision.template.kind == nudge.mode
    assert (nudge.task, nudge.trigger, nudge.source) == (task, "due_soon", WrittenBy.TEMPLATE)
    assert (nudge.fallback_reason, nudge.delivered) == ("no_model", False)
    assert nudge.generated_text == message.body
    assert "Tax {form}" in message.body
    assert message.cta_action == f"/tasks/{task.pk}/"
    assert sent(message, now).state in {DeliveryState.SENT, DeliveryState.DELIVERED}
    changing.complete(task.user, task.pk, source="web", now=now + HOUR)
    assert settling.settle(now=now + 4 * HOUR) == 2
    nudge.refresh_from_db()
    assert (nudge.delivered, nudge.delivered_at) == (True, now)
    assert nudge.delivery_channel == message.channel
    assert (nudge.helped, nudge.misfire) == (True, "")
    assert resolve_rewards(now=now + 4 * HOUR) == 1
    assert NudgeDecision.objects.get().action_done is True
    assert settling.settle(now=now + 5 * HOUR) == 0, "twice is once"


@pytest.mark.parametrize("how", ["complete", "snooze", "delete"])
def test_what_happened_before_it_left_needs_no_words(task, how):
    now = moment_of(task.user)
    _, message = spoken(task)
    if how == "snooze":
        changing.snooze(task.user, task.pk, now + 9 * HOUR, source="web", now=now)
    else:
        getattr(changing, how)(task.user, task.pk, source="web", now=now)
    sent(message, now + MINUTE)
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.NO_LONGER_NEEDED)


def test_without_consent_nothing_is_decided(db):
    call_command("load_message_templates", verbosity=0)
    ada = a_person(agreed=False)
    now = moment_of(ada)
    changing.create(ada, {"title": "Tax", "due_at": now + HOUR}, source="web", now=now - HOUR)
    assert decide_round(now=now, rng=SPEAK) == 0
    assert not CoachingNudge.objects.exists()


def test_a_nudge_that_cannot_be_kept_takes_its_message_with_it(task, monkeypatch):
    monkeypatch.setattr(proactive, "sentiment_of", lambda *arguments: 7.0)  # no such tone
    assert decide_round(now=moment_of(task.user), rng=SPEAK) == 1
    assert not CoachMessage.objects.exists()
    assert NudgeDecision.objects.get().had_error


# --- Roasts on their way -----------------------------------------------------------------------------


def test_a_roast_goes_out_where_nothing_speaks_against_it(teased):
    nudge, message = spoken(teased)
    assert (nudge.mode, nudge.humor_intensity) == (NudgeMode.ROAST, 3)
    body = message.body
    assert sent(message, moment_of(teased.user)).body == body
    assert message.sent_at is not None


def test_ease_up_while_a_roast_waits_makes_it_a_plain_line(teased):
    now = moment_of(teased.user)
    nudge, message = spoken(teased)
    roast = message.body
    ease_up(teased.user, now=now)
    sent(message, now + MINUTE)
    nudge.refresh_from_db()
    assert message.sent_at is not None
    assert message.body != roast
    assert message.body == nudge.generated_text
    assert (nudge.mode, nudge.humor_intensity, nudge.fallback_reason) == (
        NudgeMode.NEUTRAL,
        0,
        "eased_up",
    )


def test_ease_up_between_claim_and_carrier_keeps_the_roast_back(teased, monkeypatch):
    """The last look comes after the claim was committed; whoever says it then is still heard."""
    now = moment_of(teased.user)
    _, message = spoken(teased)
    handed_over = outbox.hand_over

    def after_a_word(claim, *, now) -> None:
        ease_up(teased.user, now=now)
        handed_over(claim, now=now)

    monkeypatch.setattr(outbox, "hand_over", after_a_word)
    sent(message, now)
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.NO_LONGER_FITS)
    assert message.sent_at is None


def test_turning_teasing_down_holds_for_what_waits(teased):
    _, message = spoken(teased)
    Preferences.objects.filter(user=teased.user).update(humor_intensity=1)
    sent(message, moment_of(teased.user))
    assert CoachingNudge.objects.get().mode == NudgeMode.NEUTRAL


def test_a_thumbs_down_for_the_message_of_a_roast_ends_the_teasing(teased):
    now = moment_of(teased.user)
    nudge, message = spoken(teased)
    sent(message, now)
    settling.note_deliveries(now=now)
    inbox.rate(teased.user, message, 1)
    nudge.refresh_from_db()
    assert (nudge.usefulness_rating, nudge.misfire) == (-1, "eased_up")
    assert PersonaProfile.objects.get().eased_until is not None


# --- The model's words -----------------------------------------------------------------------------


def text_of(words: str) -> list:
    return whole(json.dumps({"text": words}))


def test_the_models_words_replace_the_template_before_it_goes(task, model_server: ModelServer):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    assert message.not_before == now + timedelta(seconds=30)
    words = "“Tax {form}” is a good thing to begin with now."
    model_server.will(text_of(words))
    assert proactive.write_text(nudge.pk, now=now + timedelta(seconds=5)) is True
    nudge.refresh_from_db()
    assert (nudge.source, nudge.generated_text, nudge.template_key) == (WrittenBy.LLM, words, "")
    assert sent(message, now + timedelta(seconds=6)).body == words
    assert "Tax {form}" in json.dumps(model_server.received[0].body, ensure_ascii=False)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (text_of("You are a lazy person, “Tax {form}” knows."), "insult"),
        (text_of("Only 3 minutes for “Tax {form}”."), "made_up_number"),
        ([Status(500)], "unavailable"),
    ],
    ids=["insult", "number", "down"],
)
def test_words_that_may_not_be_said_leave_the_template(task, model_server, script, reason):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    model_server.will(*[script] * 3)
    assert proactive.write_text(nudge.pk, now=now + timedelta(seconds=5)) is False
    body = message.body
    nudge.refresh_from_db()
    assert (nudge.source, nudge.fallback_reason) == (WrittenBy.TEMPLATE, reason)
    assert sent(message, now + timedelta(seconds=6)).body == body
    assert message.sent_at is not None, "the template goes at once, nothing is waited for"


def test_a_late_model_changes_nothing_that_went_out(task, model_server):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    sent(message, now + MINUTE)
    body = message.body
    assert message.sent_at is not None
    assert proactive.write_text(nudge.pk, now=now + MINUTE) is False
    message.refresh_from_db()
    assert message.body == body
    assert model_server.received == []


def at_once(*work: Callable[[], object]) -> list[object]:
    """Runs each in a thread with a connection of its own, all starting together."""
    barrier, results = threading.Barrier(len(work)), []

    def run(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(what())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(what,)) for what in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_workers_on_one_nudge_write_it_once(task, model_server):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    model_server.will(
        text_of("“Tax {form}” is a fine start."), text_of("Begin with “Tax {form}” now.")
    )
    done = at_once(*[lambda: proactive.write_text(nudge.pk, now=now)] * 2)
    assert sorted(map(bool, done)) == [False, True]
    nudge.refresh_from_db()
    message.refresh_from_db()
    assert nudge.source == WrittenBy.LLM
    assert message.body == nudge.generated_text


def test_a_writer_and_the_outbox_at_once_agree_on_what_was_said(task, model_server):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    model_server.will(text_of("“Tax {form}” is a fine start."))
    at_once(
        lambda: proactive.write_text(nudge.pk, now=now + MINUTE),
        lambda: outbox.deliver(message.pk, now=now + MINUTE),
    )
    outbox.deliver(message.pk, now=now + MINUTE)
    nudge.refresh_from_db()
    message.refresh_from_db()
    assert message.sent_at is not None
    assert message.body == nudge.generated_text


def test_ease_up_and_sending_at_once_let_no_roast_through_later(teased):
    """Whichever came first: a roast went before the word, or what went after it is none."""
    now = moment_of(teased.user)
    nudge, message = spoken(teased)
    roast = message.body
    at_once(lambda: ease_up(teased.user, now=now), lambda: outbox.deliver(message.pk, now=now))
    nudge.refresh_from_db()
    message.refresh_from_db()
    if message.sent_at is not None and message.body == roast:
        assert nudge.mode == NudgeMode.ROAST
    else:
        assert nudge.mode == NudgeMode.NEUTRAL or message.state == DeliveryState.SUPPRESSED


def test_two_ratings_at_once_leave_one_opinion_and_its_weight(task):
    now = moment_of(task.user)
    nudge, message = spoken(task)
    PersonaProfile.objects.create(user=task.user)
    sent(message, now)
    settling.note_deliveries(now=now)
    user = User.objects.get(pk=task.user_id)
    at_once(lambda: rate(user, nudge.pk, 1, now=now), lambda: rate(user, nudge.pk, -1, now=now))
    nudge.refresh_from_db()
    message.refresh_from_db()
    opinion = nudge.usefulness_rating
    assert opinion is not None
    helped = (opinion + 1) / 2
    assert PersonaProfile.objects.get().learned_weights == {
        nudge.mode: {"tried": 1.0, "helped": helped}
    }
    assert message.helpfulness_rating == {1: 5, -1: 1}[opinion]
