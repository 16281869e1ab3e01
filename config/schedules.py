"""The periodic work of the house, as it is on the first day; staff change it in the admin.

Every job is safe to run twice at once. Times of day are UTC; work that belongs to a person's own morning
or night runs hourly and picks the people for whom it is that time.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """One periodic job: every so many minutes, or daily at an hour and minute (UTC).

    `on_the_minute` begins it when the clock's minute does: reminders are set for whole minutes.
    """

    name: str
    task: str
    every_minutes: int | None = None
    daily_at: tuple[int, int] | None = None
    on_the_minute: bool = False


SCHEDULES = [
    Schedule(
        "Deliver reminders", "coaching.tasks.deliver_reminders", every_minutes=1, on_the_minute=True
    ),
    Schedule(
        "Deliver messages", "coaching.tasks.deliver_messages", every_minutes=1, on_the_minute=True
    ),
    Schedule("Settle unfinished deliveries", "coaching.tasks.deliver_reconcile", every_minutes=5),
    Schedule("Decide on nudges", "coaching.tasks.decide_nudges", every_minutes=10),
    Schedule("Settle nudges", "coaching.tasks.resolve_nudge_rewards", every_minutes=60),
    Schedule("Learn from nudges", "coaching.tasks.update_nudge_posteriors", daily_at=(3, 50)),
    Schedule("Learn usual hours at night", "coaching.tasks.learn_patterns", every_minutes=60),
    Schedule("Send morning briefs", "coaching.tasks.send_morning_briefs", every_minutes=10),
    Schedule("Send weekly digests", "coaching.tasks.send_weekly_digests", every_minutes=10),
    Schedule("Measure experiments", "coaching.tasks.measure_experiments", every_minutes=60),
    Schedule(
        "Watch the guardrails of experiments",
        "coaching.tasks.watch_experiment_guardrails",
        every_minutes=30,
    ),
    Schedule(
        "Take up interrupted writings", "coaching.tasks.restart_lost_prompts", every_minutes=5
    ),
    Schedule("Look at personal prompts", "coaching.tasks.review_prompts", every_minutes=60),
    Schedule(
        "Watch how prompts are rated", "coaching.tasks.watch_prompt_ratings", every_minutes=15
    ),
    Schedule(
        "Forget measures of those who withdrew",
        "coaching.tasks.forget_measures_of_prompts",
        daily_at=(3, 35),
    ),
    Schedule("End forgotten consultations", "coaching.tasks.sweep_consultations", daily_at=(4, 20)),
    Schedule("Sweep interrupted answers", "coaching.tasks.sweep_runs", every_minutes=1),
    Schedule("Delete files never sent", "coaching.tasks.sweep_attachments", every_minutes=60),
    Schedule("Finish and expire exports", "accounts.tasks.sweep_exports", every_minutes=10),
    Schedule(
        "Erase people after their grace period", "accounts.tasks.erase_people", daily_at=(2, 30)
    ),
    Schedule(
        "Forget old idempotency keys", "accounts.tasks.prune_idempotency_keys", daily_at=(3, 0)
    ),
    Schedule(
        "Put away unanswered plan proposals", "habits.tasks.expire_plan_drafts", every_minutes=60
    ),
    Schedule("Open the phases of plans", "habits.tasks.open_due_phases", every_minutes=60),
    Schedule("Fit automaticity curves", "habits.tasks.refit_automaticity", daily_at=(3, 40)),
    Schedule("Guess the coming day of habits", "habits.tasks.guess_habits", every_minutes=60),
    Schedule("Correct the odds of guesses", "habits.tasks.recalibrate_guesses", daily_at=(4, 10)),
    Schedule("Gather what was of use", "coaching.tasks.learn_from_events", daily_at=(4, 20)),
    Schedule(
        "Build contexts before they are needed", "coaching.tasks.refresh_contexts", every_minutes=5
    ),
    Schedule("Read sessions for memories", "coaching.tasks.read_sessions", every_minutes=2),
    Schedule(
        "Settle which memories proved true", "coaching.tasks.settle_memories", every_minutes=5
    ),
    Schedule("Ask how promises went", "coaching.tasks.send_promise_checks", every_minutes=5),
    Schedule(
        "Forget conclusions about those who withdrew",
        "coaching.tasks.forget_memories_of_those_who_withdrew",
        daily_at=(3, 45),
    ),
    Schedule("Delete temporary chats", "coaching.tasks.sweep_temporary_chats", every_minutes=30),
    Schedule("Make missing vectors", "coaching.tasks.embed_missing", every_minutes=10),
    Schedule("Put faded memories away", "coaching.tasks.archive_faded_memories", daily_at=(4, 40)),
    Schedule("Sum up conversations", "coaching.tasks.summarize_conversations", every_minutes=60),
    Schedule(
        "Delete what old answers were made of",
        "coaching.tasks.sweep_answer_contexts",
        daily_at=(3, 25),
    ),
    Schedule("Delete sessions that are over", "accounts.tasks.clear_sessions", daily_at=(3, 15)),
    Schedule("Mark missed visits", "momentum.tasks.mark_missed_visits", every_minutes=5),
    Schedule("Compute what came of weeks", "momentum.tasks.compute_outcomes", daily_at=(4, 50)),
    Schedule(
        "Make the coming months of tables", "coaching.tasks.keep_partitions", daily_at=(1, 40)
    ),
    Schedule("Let old months go", "momentum.tasks.apply_retention", daily_at=(2, 10)),
    Schedule(
        "Take up imports that were left", "momentum.tasks.sweep_health_imports", every_minutes=1
    ),
    Schedule(
        "Read missed words of motivation", "momentum.tasks.read_missed_motivation", every_minutes=10
    ),
    Schedule(
        "Take up pushes of devices that were left",
        "momentum.tasks.sweep_provider_pushes",
        every_minutes=2,
    ),
    Schedule(
        "Ask about notable changes", "momentum.tasks.find_biometric_changes", daily_at=(5, 20)
    ),
    Schedule(
        "Put away unanswered changes", "momentum.tasks.expire_biometric_changes", daily_at=(5, 30)
    ),
    Schedule("Score what was told in bulk", "momentum.tasks.sweep_pending_scores", every_minutes=1),
    Schedule("Begin the days of momentum", "momentum.tasks.begin_days", every_minutes=60),
    Schedule("Take up broken backfills", "momentum.tasks.sweep_backfills", every_minutes=10),
    Schedule(
        "Forget the scores of those who withdrew",
        "momentum.tasks.forget_those_who_withdrew",
        every_minutes=60,
    ),
    Schedule("See what came of task nudges", "productivity.tasks.settle_nudges", every_minutes=5),
    Schedule(
        "Forget what offline clients told long ago",
        "productivity.tasks.forget_synced_changes",
        daily_at=(4, 50),
    ),
    Schedule("Wake snoozed tasks", "productivity.tasks.wake_snoozed", every_minutes=1),
    Schedule("Settle slots that are over", "productivity.tasks.settle_slots", every_minutes=15),
    Schedule(
        "Make the odds of slots anew", "productivity.tasks.rebuild_slot_odds", daily_at=(2, 40)
    ),
    Schedule(
        "Let old suggestions of slots go",
        "productivity.tasks.clear_slot_suggestions",
        daily_at=(2, 50),
    ),
    Schedule("Take the measures of tasks", "productivity.tasks.take_snapshots", every_minutes=60),
    Schedule(
        "Forget what was derived of those who withdrew",
        "productivity.tasks.forget_derived_of_those_who_withdrew",
        every_minutes=60,
    ),
    Schedule("Tidy drafts of steps", "productivity.tasks.tidy_breakdowns", every_minutes=5),
]
