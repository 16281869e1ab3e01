"""How the coach got to know the demo person: the product's own verbs, at moments that have passed."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.day import local_moment
from accounts.models import User
from coaching.consultation_gate import set_consultation_gate
from coaching.llm.targets import ladder
from coaching.memory import commitments, orders, reading, summaries
from coaching.models import Commitment, CommitmentStatus, Conversation, ConversationKind
from coaching.personalization import generation, weekly
from coaching.personalization.consultation import session
from coaching.personalization.context_store import refresh_user_context
from config.demo import story

NIGHT = time(3, 10)
TURN = timedelta(seconds=80)
# The day after a talk, and when its week is over, whichever weekday it was on.
SUMMED_UP_AFTER = (timedelta(days=1, hours=9), timedelta(days=5), timedelta(days=8))


def costs_nothing() -> bool:
    """Whether only the built-in coach answers: the demo person spends nobody's money."""
    return all(target.is_builtin for target in ladder(""))


def live_day(user: User, day: date, days_ago: int) -> None:
    """What the coach learned on one of the person's days: the consultation, and the weekly look at the prompt."""
    if not costs_nothing():
        return
    if days_ago == story.CONSULTED:
        _consult(user, local_moment(user, day, story.CONSULTED_AT))
    now = local_moment(user, day, NIGHT)
    alone = User.objects.filter(pk=user.pk)
    if weekly.due_for_review(now=now).filter(pk=user.pk).exists():
        for review in weekly.review(user.pk, user.pk, now=now, people=alone).to_write:
            weekly.write(review, now=now)


def look_back(user: User) -> None:
    """What is remembered of everything that was said, when all days were lived."""
    set_consultation_gate([user], is_open=True)
    if not costs_nothing():
        return
    talks = Conversation.objects.filter(user=user).order_by("last_message_at")
    for talk in talks:
        reading.read_conversation(talk.pk, now=talk.last_message_at + timedelta(minutes=15))
    now = timezone.now()
    for talk in talks.filter(kind=ConversationKind.COACH):
        for over in SUMMED_UP_AFTER:
            summaries.summarize(user, now=min(talk.last_message_at + over, now))
    orders.remember_this(user, story.REMEMBERED, now=now - timedelta(days=3))
    for promise in Commitment.objects.filter(user=user, due_at__lt=now - timedelta(hours=4)):
        if promise.status == CommitmentStatus.OPEN:
            commitments.settle(user, promise.pk, kept=True, now=promise.due_at + timedelta(hours=4))
    summaries.summarize(user, now=now)
    refresh_user_context(user, now=now)


def _consult(user: User, at: datetime) -> None:
    set_consultation_gate([user], is_open=True)
    talk = session.start(user, now=at).consultation
    for number, words in enumerate(story.CONSULTATION):
        at += TURN
        talk = session.say(talk, words, client_id=f"demo-{number}", now=at).consultation
    session.complete(talk, now=at)
    generation.generate(user.pk, reason="consultation", now=at + timedelta(seconds=10))
