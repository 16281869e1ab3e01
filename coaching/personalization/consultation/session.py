"""The verbs of a consultation: start, say, complete, abandon, and taking an item out.

Each may come twice and has one effect. A message is saved before it is answered and answered outside any
transaction, since a model may be asked; the answer is stored under the lock of the consultation.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.age import is_minor
from accounts.day import local_day
from accounts.models import User
from coaching.models import (
    CoachingProfile,
    Consultation,
    ConsultationStatus,
    Conversation,
    ConversationChannel,
    ConversationKind,
    Message,
    MessageRole,
)
from coaching.personalization import generation
from coaching.safety import CrisisHit, answer, raise_alert, screen

from . import interviewer
from .access import admit
from .boundaries import leave_food_out
from .cues import Move, move_of
from .interviewer import Talk
from .known import known_before
from .refusals import Refused, not_found
from .topics import RULES, TITLES, Interview, Item, Standing, Topic, Understood, standing
from .with_model import model_turn

TITLE = "Consultation"
# The name under which a reply says who made it, when no model did.
BUILT_IN = "builtin/coach"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Begun:
    """A consultation, and whether this request began it."""

    consultation: Consultation
    is_new: bool


@dataclass(frozen=True)
class Said:
    """What the person said and what came back; a repeated message gives the same again."""

    message: Message
    reply: Message
    consultation: Consultation
    is_duplicate: bool = False


def understood_of(consultation: Consultation) -> Understood:
    return Understood.from_stored(consultation.extracted)


def interview_of(consultation: Consultation) -> Interview:
    return Interview.from_stored(consultation.interview)


def standing_of(consultation: Consultation) -> Standing:
    """How far it is."""
    return standing(understood_of(consultation), interview_of(consultation))


def find(user: User, session_id: UUID) -> Consultation:
    """The person's consultation. Raises `Refused` 404."""
    rows = Consultation.objects.select_related("conversation")
    found = rows.filter(pk=session_id, user=user).first()
    if found is None:
        raise not_found()
    return found


def active_of(user: User) -> Consultation | None:
    """The consultation that is open, if one is."""
    return Consultation.objects.filter(user=user, status=ConsultationStatus.ACTIVE).first()


def start(
    user: User, *, now: datetime, key: str = "", channel: str = ConversationChannel.WEB
) -> Begun:
    """Goes on with the open consultation, or begins one for somebody who may. Raises `Refused` 403.

    One that is open may be ended as it began, even if the gate was closed meanwhile.
    """
    CoachingProfile.objects.get_or_create(user=user)
    with transaction.atomic():
        # Whoever comes at the same moment waits here, and then finds what the first one began.
        profile = CoachingProfile.objects.select_for_update().get(user=user)
        running = active_of(user)
        if running is not None:
            return Begun(running, is_new=False)
        admit(user, profile, key, now=now)
        consultation = _begin(user, now, channel)
    logger.info("consultation_started user=%s id=%s", user.pk, consultation.pk)
    return Begun(consultation, is_new=True)


def _begin(user: User, now: datetime, channel: str) -> Consultation:
    conversation = Conversation.objects.create(
        user=user,
        kind=ConversationKind.CONSULTATION,
        channel=channel,
        title=TITLE,
        started_at=now,
        last_message_at=now,
    )
    understood, interview = known_before(user, now=now), Interview()
    if is_minor(user, local_day(user, now)):
        leave_food_out(understood, interview)
    talk = _talk(user, understood, interview, now=now)
    hello = _reply(conversation, None, interviewer.opening(talk), now=now)
    Conversation.objects.filter(pk=conversation.pk).update(head=hello, message_count=1)
    return Consultation.objects.create(
        user=user,
        conversation=conversation,
        extracted=talk.understood.as_stored(),
        interview=talk.interview.as_stored(),
        started_at=now,
        last_message_at=now,
    )


def say(consultation: Consultation, text: str, *, client_id: str, now: datetime) -> Said:
    """Takes what the person says, and answers.

    Crisis first: then fixed words answer, staff are told, nothing is understood from it, and the questions
    rest. Otherwise a model asks on where one is set, and the built-in interviewer where none answers.
    Raises `Refused`: 400 for an empty or too long text, 409 when the consultation is over or the last
    message is still being answered. Not to be called in a transaction.
    """
    text = text.strip().replace("\0", "")
    if not text:
        raise Refused(400, "empty", "Write something first.")
    if len(text) > RULES.longest_message:
        raise Refused(400, "too_long", f"A message has at most {RULES.longest_message} characters.")
    if not 1 <= len(client_id) <= 64 or not client_id.isprintable():
        raise Refused(400, "client_id_invalid", "A client id has 1 to 64 characters.")
    user = consultation.user
    screened = screen(text, country=user.country, locale=user.locale)
    with transaction.atomic():
        row = _lock(consultation)
        hit = screened or _still_in_crisis(row, text)
        message, earlier = _saved(row, text, client_id, hit=hit, now=now)
        if earlier is not None:
            return Said(message, earlier, row, is_duplicate=True)
        if hit is not None:
            return Said(message, _answer_crisis(row, message, hit, now=now), row)
    return _answer(row, message, now=now)


def _still_in_crisis(consultation: Consultation, text: str) -> CrisisHit | None:
    """What was found before, when the person says yes to the question that the fixed words asked."""
    user = consultation.user
    if move_of(text) != Move.YES or not interview_of(consultation).is_resting:
        return None
    rows = Message.objects.filter(
        conversation=consultation.conversation_id, role=MessageRole.USER, is_crisis=True
    )
    for content in rows.order_by("-id").values_list("content", flat=True)[:5]:
        if hit := screen(content, country=user.country, locale=user.locale):
            return hit
    return None


def _lock(consultation: Consultation) -> Consultation:
    return (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("conversation", "user")
        .get(pk=consultation.pk)
    )


def _saved(
    row: Consultation, text: str, client_id: str, *, hit: CrisisHit | None, now: datetime
) -> tuple[Message, Message | None]:
    """The message of this client id, new or from before, with its answer if it has one already."""
    message = Message.objects.filter(user=row.user, client_id=client_id).first()
    if message is not None:
        if message.conversation_id != row.conversation_id:
            raise Refused(409, "client_id_used", "This client id belongs to another message.")
        earlier = Message.objects.filter(parent=message, role=MessageRole.ASSISTANT).first()
        if earlier is None:
            _refuse_if_being_answered(message, now)
        return message, earlier
    head = row.conversation.head
    if hit is None:  # somebody in a crisis is answered whatever the talk is doing
        _refuse_if_over(row)
        if head is not None and head.role == MessageRole.USER:
            _refuse_if_being_answered(head, now)
    message = Message.objects.create(
        conversation=row.conversation,
        user=row.user,
        parent=head,
        role=MessageRole.USER,
        content=text,
        client_id=client_id,
        is_crisis=hit is not None,
        created_at=now,
    )
    _becomes_head(row, message, now)
    return message, None


def _refuse_if_over(row: Consultation) -> None:
    if row.status != ConsultationStatus.ACTIVE:
        raise Refused(
            409, f"consultation_{row.status}", "This consultation is over. You can begin a new one."
        )


def _refuse_if_being_answered(message: Message, now: datetime) -> None:
    if now - message.created_at < timedelta(seconds=RULES.seconds_until_answered_anew):
        raise Refused(409, "still_answering", "Give me a moment: I'm still reading your last one.")


def _becomes_head(row: Consultation, message: Message, now: datetime) -> None:
    Conversation.objects.filter(pk=row.conversation_id).update(
        head=message, last_message_at=now, message_count=F("message_count") + 1
    )
    row.conversation.head = message
    row.last_message_at = now
    Consultation.objects.filter(pk=row.pk).update(last_message_at=now)


def _answer_crisis(
    row: Consultation, message: Message, hit: CrisisHit, *, now: datetime
) -> Message:
    raise_alert(row.user, hit, message.pk)
    reply = _reply(row.conversation, message, answer(row.user, hit).text, now=now, is_crisis=True)
    _becomes_head(row, reply, now)
    interview = interview_of(row)
    interview.is_paused = interview.is_resting = True
    row.interview = interview.as_stored()
    row.save(update_fields=["interview"])
    return reply


def _answer(row: Consultation, message: Message, *, now: datetime) -> Said:
    """Makes the answer without a lock, and stores it under one unless somebody else did."""
    user = row.user
    transcript = list(row.conversation.messages.filter(pk__lte=message.pk).order_by("id"))
    asked = _talk(user, understood_of(row), interview_of(row), now=now, transcript=transcript)
    is_resting = asked.interview.is_resting
    if not is_resting:
        interviewer.understand(asked, message.content, message_id=message.pk, at=now)
    from_model = None if is_resting else model_turn(asked, transcript, user_id=user.pk)
    with transaction.atomic():
        row = _lock(row)
        earlier = Message.objects.filter(parent=message, role=MessageRole.ASSISTANT).first()
        if earlier is not None:
            return Said(message, earlier, row, is_duplicate=True)
        _refuse_if_over(row)  # it may have been ended while the answer was made
        talk = _talk(user, understood_of(row), interview_of(row), now=now, transcript=transcript)
        talk.interview.is_paused = False
        model = BUILT_IN
        if not is_resting:
            interviewer.understand(talk, message.content, message_id=message.pk, at=now)
        if is_resting:
            words = interviewer.after_a_rest(talk, message.content)
        elif from_model is None:
            words = interviewer.reply(talk, message.content, message_id=message.pk, at=now)
        else:
            words, items, turn = from_model
            interviewer.replace_by_model(
                talk, items, settled=turn.settled, declined=turn.declined, message_id=message.pk
            )
            model = "model"
        reply = _reply(row.conversation, message, words, now=now, model=model)
        _becomes_head(row, reply, now)
        row.extracted = talk.understood.as_stored()
        row.interview = talk.interview.as_stored()
        row.save(update_fields=["extracted", "interview"])
    return Said(message, reply, row)


def _talk(
    user: User,
    understood: Understood,
    interview: Interview,
    *,
    now: datetime,
    transcript: list[Message] | None = None,
) -> Talk:
    before = [row.content for row in transcript or [] if row.role == MessageRole.ASSISTANT]
    return Talk(
        understood,
        interview,
        local_day(user, now),
        name=user.first_name,
        locale=user.locale,
        avoid=before[-1] if before else "",
        turns=len(transcript or []),
    )


def _reply(
    conversation: Conversation,
    message: Message | None,
    words: str,
    *,
    now: datetime,
    model: str = BUILT_IN,
    is_crisis: bool = False,
) -> Message:
    return Message.objects.create(
        conversation=conversation,
        user_id=conversation.user_id,
        parent=message,
        role=MessageRole.ASSISTANT,
        content=words,
        model=model,
        is_crisis=is_crisis,
        created_at=now,
    )


def pause(consultation: Consultation) -> None:
    """The person leaves it here for now; the next message goes on."""
    with transaction.atomic():
        row = _lock(consultation)
        interview = interview_of(row)
        interview.is_paused = True
        Consultation.objects.filter(pk=row.pk).update(interview=interview.as_stored())


def remove_item(consultation: Consultation, item_id: UUID) -> Consultation:
    """Takes out something that was understood wrongly; it is not understood again from the same words.

    Raises `Refused`: 404 when there is no such item, 409 when the consultation is over.
    """
    with transaction.atomic():
        row = _lock(consultation)
        _refuse_if_over(row)
        understood, interview = understood_of(row), interview_of(row)
        gone = [item for topic in Topic for item in understood.of(topic) if item.id == item_id]
        if not gone or not understood.remove(item_id):
            raise Refused(404, "not_found", "There is no such item.")
        interview.removed += [_mark(item) for item in gone]
        row.extracted, row.interview = understood.as_stored(), interview.as_stored()
        row.save(update_fields=["extracted", "interview"])
    return row


def _mark(item: Item) -> str:
    return f"{item.message_id}:{item.value.casefold()}"


def complete(consultation: Consultation, *, now: datetime) -> Consultation:
    """Ends the talk, and has the coach made from it; completing twice is once.

    Raises `Refused` 409 when it is too early, with what is missing, and when it was abandoned.
    """
    with transaction.atomic():
        row = _lock(consultation)
        if row.status == ConsultationStatus.COMPLETED:
            return row
        _refuse_if_over(row)
        missing = standing_of(row).missing
        if missing:
            named = ", ".join(TITLES[topic].lower() for topic in missing)
            raise Refused(
                409,
                "consultation_incomplete",
                f"A little more would help before I can write your coach. Still open: {named}.",
                missing=[topic.value for topic in missing],
            )
        row.status, row.completed_at = ConsultationStatus.COMPLETED, now
        row.save(update_fields=["status", "completed_at"])
        Conversation.objects.filter(pk=row.conversation_id).update(
            ended_at=now, outcome=ConsultationStatus.COMPLETED
        )
        generation.begin(row.user, reason="consultation", now=now)
    logger.info("consultation_completed user=%s id=%s", row.user_id, row.pk)
    return row


def abandon(consultation: Consultation, *, now: datetime) -> Consultation:
    """Ends the talk without a coach; twice is once. Raises `Refused` 409 when it was completed."""
    with transaction.atomic():
        row = _lock(consultation)
        if row.status == ConsultationStatus.COMPLETED:
            raise Refused(409, "consultation_completed", "This consultation is completed.")
        if row.status == ConsultationStatus.ACTIVE:
            row.status, row.abandoned_at = ConsultationStatus.ABANDONED, now
            row.save(update_fields=["status", "abandoned_at"])
            Conversation.objects.filter(pk=row.conversation_id).update(
                ended_at=now, outcome=ConsultationStatus.ABANDONED
            )
    return row
