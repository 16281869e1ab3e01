# ruff: noqa: E402 - Django must be set up before its models are imported
"""How fast a person's context is at hand: from the cache, from its row, built; and a whole prompt with it.

    DATABASE_URL=… REDIS_URL=… python -m bench.context [--memories 600] [--days 365]

Makes a person with habits, ticks, memories and summaries of their own, and erases them at the end. Beside the
figures stands the bare round trip to Redis and to the database in the same run.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DEBUG"] = "0"  # with it on, every query is recorded
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching import context_cache
from coaching.agent.context import prepare
from coaching.memory import NewMemory, remember_many
from coaching.models import Conversation, ConversationSummary, Message
from coaching.personalization import context_store
from coaching.personalization.context_store import get_user_ai_context
from habits.models import Habit, HabitCompletion
from habits.overview import overview

SUBJECTS = ("running", "cooking", "reading", "sleep", "work", "my sister", "saving", "Spanish")
QUESTION = "Why is cooking on Mondays so hard for me, and what could help?"


def somebody(memories: int, days: int) -> User:
    """A person with a history."""
    rng = random.Random(5)
    now = timezone.now()
    user = User.objects.create_user(
        f"bench-{uuid4().hex}@example.org", None, name="Bench Person", timezone="Europe/Berlin"
    )
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    today = timezone.localdate()
    for number in range(6):
        habit = Habit.objects.create(
            user=user,
            name=f"Habit {number}",
            category="fitness",
            starts_on=today - timedelta(days=days),
        )
        HabitCompletion.objects.bulk_create(
            HabitCompletion(
                habit=habit,
                user=user,
                local_date=today - timedelta(days=back),
                status="done",
                source="web",
                completed_at=now - timedelta(days=back),
            )
            for back in range(1, days)
            if rng.random() < 0.7
        )
    remember_many(
        user,
        [
            NewMemory(
                text=f"On day {number} I told you about {rng.choice(SUBJECTS)} and {rng.choice(SUBJECTS)}",
                speaker="Bench",
                happened_at=now - timedelta(hours=number),
                source_ref=f"bench:{number}",
            )
            for number in range(memories)
        ],
    )
    ConversationSummary.objects.bulk_create(
        ConversationSummary(
            user=user,
            summary_period="daily",
            start_date=today - timedelta(days=back),
            end_date=today - timedelta(days=back),
            ai_summary="Talked about running and what is hard. Promised: walk on Tuesday.",
        )
        for back in range(1, 30)
    )
    return user


def timed(
    what: Callable[[], object], times: int, before: Callable[[], object] | None = None
) -> str:
    """p50 and p95 of `what` in milliseconds, and its own processor time; `before` each is not counted."""
    values = []
    cpu = 0.0
    for _ in range(times):
        if before is not None:
            before()
        began, used = time.perf_counter(), time.thread_time()
        what()
        cpu += time.thread_time() - used
        values.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(values, n=20)[-1]
    return f"p50 {statistics.median(values):6.2f}  p95 {p95:6.2f}  CPU {cpu * 1000 / times:6.2f} ms"


def main() -> None:
    """Prints a line for each way to a context."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--memories", type=int, default=600)
    parser.add_argument("--days", type=int, default=365, help="length of the history of ticks")
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    user = somebody(asked.memories, asked.days)
    try:
        talk = Conversation.objects.create(user=user)
        request = Message.objects.create(
            conversation=talk, user=user, role="user", content=QUESTION
        )
        now: datetime = timezone.now()

        def ready() -> object:
            return get_user_ai_context(user, now=now)

        def forget_cache() -> None:
            cache.delete(context_cache._key(user.pk, context_store.PART))

        def change() -> None:
            context_cache.invalidate(user.pk)

        # The first look at a day stores where habits stand; an answer takes it before it needs the picture.
        overview(user)
        ready()
        change()
        with CaptureQueriesContext(connection) as queries:
            ready()
        print(f"bare Redis round trip       {timed(lambda: cache.get('x'), 400)}")
        print(
            f"bare query                  {timed(lambda: User.objects.only('pk').get(pk=user.pk), 400)}"
        )
        print(f"context from the cache      {timed(ready, 400)}  (goal: p95 <= 3 ms)")
        print(f"context from its row        {timed(ready, 100, forget_cache)}  (goal: <= 10 ms)")
        print(
            f"context built               {timed(ready, 60, change)}, {len(queries)} queries"
            "  (goal: <= 60 ms, <= 12 queries)"
        )
        print(
            f"whole prompt, context ready {timed(lambda: prepare(user, request, now), 60)}"
            "  (goal: about 25 ms with its embedding)"
        )
        prepared = prepare(user, request, now)
        print(
            f"                            {prepared.tokens} tokens, {len(prepared.recalled)} memories, "
            f"{len(prepared.passages)} passages"
        )
    finally:
        user.delete()


if __name__ == "__main__":
    main()
