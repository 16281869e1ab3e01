"""Work of the coach that nobody waits for. Each task takes ids, makes one call and may run twice."""

import random
from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from coaching import partitioning
from coaching.agent import answer_contexts, sweeping, understanding
from coaching.chat import attachments, temporary
from coaching.experiments import measuring, monitoring
from coaching.learning import adaptation, events, predictions
from coaching.learning_permission import learners
from coaching.llm import embeddings
from coaching.memory import care, confirming, filling, forgetting, orders, reading, summaries
from coaching.memory import preferences as learned_preferences
from coaching.models import CoachMessage
from coaching.outreach import briefs, clock, nudging, outbox, patterns, reminders
from coaching.outreach.policy import learning
from coaching.personalization import (
    bad_ratings,
    context_store,
    generation,
    golden,
    promise_checks,
    pruning,
    weekly,
)
from coaching.personalization.consultation import sweeping as consultations


@shared_task(time_limit=120)
def deliver_reminders(limit: int = 200) -> int:
    """Writes the messages of the reminders that are due; the rest of a long queue follows at once."""
    now = timezone.now()
    spoken = reminders.deliver_due(now=now, limit=limit)
    if spoken and reminders.are_due(now=now):
        deliver_reminders.delay(limit)
    return spoken


@shared_task(time_limit=120)
def deliver_message(message_id: str) -> str:
    """Delivers one message if it may go out now; one that was erased meanwhile is nobody's."""
    try:
        return outbox.deliver(UUID(message_id), now=timezone.now())
    except CoachMessage.DoesNotExist:
        return "erased"


@shared_task(time_limit=240)
def deliver_messages(limit: int = 100) -> int:
    """Delivers the messages whose moment has come; the rest of a long queue follows at once."""
    dealt_with = outbox.deliver_due(now=timezone.now(), limit=limit)
    if dealt_with == limit:
        deliver_messages.delay(limit)
    return dealt_with


@shared_task(time_limit=240)
def deliver_reconcile() -> int:
    """Finds out what became of messages whose delivery nobody finished."""
    return outbox.reconcile(now=timezone.now())


@shared_task(time_limit=60)
def understand_message(message_id: str) -> bool:
    """Reads the tone and the intent of a person's message after it was answered.

    What is made of it changes the person's context, which is then built before the next message needs it.
    """
    if not understanding.understand(UUID(message_id)):
        return False
    context_store.refresh_for_message(UUID(message_id), now=timezone.now())
    return True


@shared_task(time_limit=120)
def sweep_runs() -> int:
    """Fails answers whose process died, and reads the messages whose task was lost."""
    return sweeping.sweep() + understanding.understand_missed()


@shared_task(time_limit=120)
def sweep_attachments() -> int:
    """Deletes files that were uploaded and never sent."""
    return attachments.sweep_unsent(now=timezone.now())


@shared_task(time_limit=120)
def decide_nudges() -> None:
    """Has it decided whether to speak to those whose decision point has come."""
    for first, last in clock.ranges(nudging.due_for_decision(now=timezone.now())):
        decide_nudges_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def decide_nudges_between(first: str, last: str) -> int:
    """Decides for the people of one range of ids."""
    return nudging.decide_round(
        now=timezone.now(), rng=random.SystemRandom(), ids=(UUID(first), UUID(last))
    )


@shared_task
def resolve_nudge_rewards() -> int:
    """Settles the decisions whose window is over."""
    return nudging.resolve_rewards(now=timezone.now())


@shared_task(time_limit=240)
def update_nudge_posteriors() -> None:
    """Measures the wordings, and has it learned from the decisions that were settled since the last night."""
    now = timezone.now()
    learning.forget_those_who_withdrew()
    learning.measure_templates(now=now)
    for first, last in clock.ranges(learning.with_news(now=now)):
        update_nudge_posteriors_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def update_nudge_posteriors_between(first: str, last: str) -> int:
    """Learns for the people of one range of ids."""
    return learning.update_posteriors(now=timezone.now(), ids=(UUID(first), UUID(last)))


@shared_task(time_limit=120)
def learn_patterns() -> None:
    """Forgets the patterns of those who withdrew, and has those of whose night it is learned anew."""
    patterns.forget_those_who_withdrew()
    for first, last in clock.ranges(patterns.due_for_learning(now=timezone.now())):
        learn_patterns_between.delay(str(first), str(last))


@shared_task(time_limit=240)
def learn_patterns_between(first: str, last: str) -> int:
    """Learns the patterns of the people of one range of ids whose night it is."""
    now = timezone.now()
    due = patterns.due_for_learning(now=now).filter(pk__range=(UUID(first), UUID(last)))
    return patterns.analyze(due, now=now)


@shared_task(time_limit=120)
def send_morning_briefs() -> None:
    """Has the morning briefs made of those whose morning has just come."""
    for first, last in clock.ranges(briefs.due_for_morning_brief(now=timezone.now())):
        send_morning_briefs_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def send_morning_briefs_between(first: str, last: str) -> int:
    """Makes the morning briefs of one range of ids."""
    return briefs.send_morning_briefs(now=timezone.now(), ids=(UUID(first), UUID(last)))


@shared_task(time_limit=120)
def send_weekly_digests() -> None:
    """Has the weekly digests made of those whose moment has just come."""
    for first, last in clock.ranges(briefs.due_for_weekly_digest(now=timezone.now())):
        send_weekly_digests_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def send_weekly_digests_between(first: str, last: str) -> int:
    """Makes the weekly digests of one range of ids."""
    return briefs.send_weekly_digests(now=timezone.now(), ids=(UUID(first), UUID(last)))


@shared_task
def measure_experiments() -> int:
    """Takes the outcomes of people whose time in an experiment has passed."""
    return measuring.measure_outcomes(now=timezone.now())


@shared_task
def watch_experiment_guardrails() -> int:
    """Stops experiments in which a variant surely does harm."""
    return len(monitoring.watch_guardrails(now=timezone.now()))


@shared_task(time_limit=120)
def learn_from_events() -> None:
    """Forgets those who withdrew, and has it gathered what was of use to everybody else."""
    predictions.forget_those_who_withdrew()
    adaptation.forget_those_who_withdrew()
    for first, last in clock.ranges(learners()):
        learn_from_events_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def learn_from_events_between(first: str, last: str) -> int:
    """Gathers the learning events of one range of ids, and how its people like to be talked to."""
    now = timezone.now()
    ids = UUID(first), UUID(last)
    return events.gather(*ids, since=now - events.LOOK_BACK) + adaptation.adapt(*ids, now=now)


@shared_task(time_limit=120)
def refresh_contexts() -> int:
    """Has the stale contexts built anew of those who wrote lately, so that none is built while they wait."""
    now = timezone.now()
    marked = context_store.mark_stale(now=now)
    for first, last in clock.ranges(context_store.to_refresh(now=now)):
        refresh_contexts_between.delay(str(first), str(last))
    return marked


@shared_task(time_limit=280)
def refresh_contexts_between(first: str, last: str) -> int:
    """Builds the stale contexts of the people of one range of ids anew."""
    now = timezone.now()
    people = context_store.to_refresh(now=now).filter(pk__range=(UUID(first), UUID(last)))
    return context_store.refresh_people(people, now=now)


@shared_task(time_limit=120)
def summarize_conversations() -> None:
    """Forgets what those who withdrew talked about, and has days, weeks and months that are over summed up."""
    summaries.forget_those_who_withdrew()
    for first, last in clock.ranges(summaries.due_for_summary(now=timezone.now()), 50):
        summarize_conversations_between.delay(str(first), str(last))


@shared_task(time_limit=280)
def summarize_conversations_between(first: str, last: str) -> int:
    """Sums up what is due for the people of one range of ids."""
    return summaries.summarize_between(UUID(first), UUID(last), now=timezone.now())


@shared_task(time_limit=240)
def sweep_answer_contexts() -> int:
    """Deletes what answers were made of when its time is over, and what was made of those who withdrew."""
    context_store.forget_those_who_withdrew()
    return answer_contexts.sweep(now=timezone.now())


@shared_task(bind=True, time_limit=240, max_retries=generation.NUMBERS.tries - 1)
def generate_personal_prompt(self: Task, user_id: str, reason: str, by: str = "") -> bool:
    """Writes a person's prompt; what could not be used is tried again after a while, a few times."""
    tried = self.request.retries
    try:
        revision = generation.attempt(
            UUID(user_id),
            reason=reason,
            now=timezone.now(),
            by_id=UUID(by) if by else None,
            number=tried + 1,
        )
    except generation.WritingFailed as failed:
        raise self.retry(
            exc=failed, countdown=generation.NUMBERS.back_off_seconds * 2**tried
        ) from failed
    return revision is not None


@shared_task(time_limit=240)
def sweep_consultations() -> int:
    """Closes the consultations that nobody goes on with, and deletes the abandoned ones of a while ago."""
    now = timezone.now()
    return consultations.close_forgotten(now=now) + consultations.erase_abandoned(now=now)


@shared_task(time_limit=120)
def restart_lost_prompts() -> int:
    """Takes up the prompts whose writing was interrupted."""
    return generation.restart_lost(now=timezone.now())


@shared_task(time_limit=120)
def review_prompts(day: str = "", hour: int | None = None) -> None:
    """Has the personal prompts looked at of those whose weekly hour it is, and takes up writings that were lost.

    `day` and `hour`, set as keyword arguments of the schedule, stand in for PROMPT_UPDATE_DAY and
    PROMPT_UPDATE_HOUR.
    """
    now = timezone.now()
    for review_id in weekly.unfinished(now=now):
        write_reviewed_prompt.delay(str(review_id))
    due = weekly.due_for_review(now=now, config=weekly.scheduled(day, hour))
    for first, last in clock.ranges(due):
        review_prompts_between.delay(str(first), str(last), day, hour)


@shared_task(time_limit=280)
def review_prompts_between(first: str, last: str, day: str = "", hour: int | None = None) -> int:
    """Looks at the prompts of the people of one range of ids; each that is to be written is a task of its own."""
    found = weekly.review(
        UUID(first), UUID(last), now=timezone.now(), config=weekly.scheduled(day, hour)
    )
    for review_id in found.to_write:
        write_reviewed_prompt.delay(str(review_id))
    return found.looked_at


@shared_task(time_limit=280)
def write_reviewed_prompt(review_id: str) -> str:
    """Writes, tries and settles the prompt of one review."""
    return weekly.write(UUID(review_id), now=timezone.now())


@shared_task(time_limit=240)
def watch_prompt_ratings() -> int:
    """Keeps what people liked, and takes back versions that they do not."""
    now = timezone.now()
    golden.keep_liked(now=now)
    return len(bad_ratings.watch(now=now))


@shared_task(time_limit=240)
def forget_measures_of_prompts() -> int:
    """Deletes the measures of people who took back their consent, in figures and in prompts."""
    return pruning.forget_those_who_withdrew(now=timezone.now())


@shared_task(time_limit=280)
def embed_missing() -> int:
    """Makes vectors of memories, articles, summaries and messages that have none yet."""
    return filling.fill_missing(now=timezone.now()) + embeddings.embed_missing()


@shared_task(time_limit=280)
def archive_faded_memories() -> int:
    """Puts away memories that have faded and were never of use."""
    return forgetting.archive_faded(now=timezone.now())


@shared_task(time_limit=280)
def read_sessions(limit: int = 50) -> int:
    """Has each session that is over read for memories, one task a session."""
    due = list(reading.due(now=timezone.now()).values_list("pk", flat=True)[:limit])
    for pk in due:
        read_session.delay(str(pk))
    return len(due)


@shared_task(time_limit=280)
def read_session(conversation_id: str) -> bool:
    """Reads what is new in one conversation."""
    return reading.read_conversation(UUID(conversation_id), now=timezone.now()) is not None


@shared_task(time_limit=240)
def settle_memories() -> int:
    """Settles whether memories proved true, and deletes those whose time to be brought back is over."""
    now = timezone.now()
    return confirming.settle_uses(now=now) + orders.forget_due(now=now)


@shared_task(time_limit=240)
def send_promise_checks() -> int:
    """Asks how the promises went whose moment has come."""
    return promise_checks.ask_due(now=timezone.now())


@shared_task(time_limit=240)
def forget_memories_of_those_who_withdrew() -> int:
    """Deletes what was concluded about people who took back their consent."""
    return care.forget_those_who_withdrew() + learned_preferences.forget_those_who_withdrew()


@shared_task(time_limit=240)
def sweep_temporary_chats() -> int:
    """Deletes temporary conversations some hours after their last word."""
    return temporary.sweep(now=timezone.now())


@shared_task(time_limit=280)
def keep_partitions() -> int:
    """Makes the coming months of every table that is kept by month."""
    return len(partitioning.keep_all_ahead(today=timezone.now().date()))
