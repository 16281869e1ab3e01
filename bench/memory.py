# ruff: noqa: E402 - Django must be set up before its models are imported
"""What it costs to find a memory, and how much of the evidence is found.

Prints, from one run: milliseconds of a question with 100, 1,000 and 20,000 memories (the vector of the question
alone, the statement alone, both together; and beside them the bare nearest-vector statement over the same rows),
then recall@10 on the invented people and dialogues, on those that the ranking was tuned with and on those held back.
Everything is undone at the end. The vectors of the filling memories are drawn, not embedded.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/memory.py [--quick]
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection, transaction

from accounts.models import User
from coaching.llm.embeddings import active_model, embed
from coaching.memory import indexing
from coaching.memory.evaluation import pieces
from coaching.memory.evaluation.measuring import MEANING_ONLY, WORDS_ONLY, Loaded
from coaching.memory.evaluation.sets import Case, dialogues, people
from coaching.memory.ranking import WEIGHTS
from coaching.memory.recalling import rank, without_names
from coaching.memory.windows import Turn, text_of
from coaching.models import EpisodicMemory, MemoryState

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SIZES = (100, 1_000, 20_000)
ROUNDS = 100
QUICK = "--quick" in sys.argv


def person(name: str) -> User:
    return User.objects.create_user(f"{name}@bench.invalid", is_active=False)


def fill(user: User, count: int, draw: Random) -> None:
    """Gives a person so many memories; their words are real, their vectors mixed from a few real ones."""
    model = active_model()
    bases = embed([draw.choice(pieces.CHATTER) for _ in range(64)], model=model)
    texts = [
        f"{draw.choice(pieces.CHATTER)} {draw.choice(pieces.SMALL_TALK)} {number}"
        for number in range(count)
    ]
    begin = NOW - timedelta(hours=count)
    memories = [
        EpisodicMemory(
            user=user, memory_description=text, original_timestamp=begin + timedelta(hours=number)
        )
        for number, text in enumerate(texts)
    ]
    EpisodicMemory.objects.bulk_create(memories, batch_size=2000)
    MemoryState.objects.bulk_create(
        [
            MemoryState(user=user, memory=each, last_reinforced_at=each.original_timestamp)
            for each in memories
        ],
        batch_size=2000,
    )
    turns = [
        Turn(each.pk, each.memory_description, "", "self", each.original_timestamp, None, 0)
        for each in memories
    ]
    with transaction.atomic():
        total = indexing.hold(user.pk)
        indexing.count_in(total, turns)
        for start in range(0, count, 2000):
            plan = indexing.plan_for(turns[start : start + 2000], [])
            vectors = {
                (model.pk, text): mixed(bases, draw)
                for turn in plan.changed
                for text in (turn.text, text_of(plan.windows[turn.id]))
            }
            indexing.write(user, plan, [model], vectors, total)


def mixed(bases: list[list[float]], draw: Random) -> list[float]:
    one, other, share = draw.choice(bases), draw.choice(bases), draw.random()
    return [share * a + (1 - share) * b for a, b in zip(one, other, strict=True)]


def timed(work: Callable[[int], object]) -> tuple[float, float]:
    """Milliseconds, median and 95th of a hundred."""
    taken: list[float] = []
    for turn in range(ROUNDS + 10):
        began = time.perf_counter()
        work(turn)
        taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken[10:], n=20)  # the first rounds warm up
    return statistics.median(taken[10:]), cuts[18]


def bare(user: User, vector: Sequence[float]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT memory_id FROM coaching_memoryvector WHERE user_id = %s AND model_id = %s"
            " ORDER BY emb <#> %s::halfvec LIMIT 10",
            [user.pk, active_model().pk, indexing.as_halfvec(vector)],
        )
        cursor.fetchall()


def measure_time(size: int) -> None:
    user = person(f"size-{size}")
    fill(user, size, Random(size))
    model = active_model()
    questions = [
        f"{question} {number}"
        for number, question in enumerate(asked for fact in pieces.FACTS for asked in fact.asked)
    ]

    def question(turn: int, salt: str) -> str:
        return f"{questions[turn % len(questions)]} {salt}{turn}"

    def ask(text: str) -> None:
        rank(user.pk, text, 10, now=NOW, model=model)

    vector = embed(["How do I sleep?"], model=model)[0]
    both = timed(lambda turn: ask(question(turn, "a")))
    embedding = timed(lambda turn: embed([without_names(question(turn, "b"), set())], model=model))
    ask("How do I sleep?")
    statement = timed(lambda turn: ask("How do I sleep?"))
    probe = timed(lambda turn: bare(user, vector))
    print(
        f"{size:>7,} memories   recall p50 {both[0]:6.2f} ms  p95 {both[1]:6.2f} ms"
        f"   embedding {embedding[0]:5.2f} / {embedding[1]:5.2f}"
        f"   statement {statement[0]:5.2f} / {statement[1]:5.2f}"
        f"   bare nearest vector {probe[0]:5.2f} / {probe[1]:5.2f}"
    )


def measure_recall(name: str, cases: Sequence[Case]) -> None:
    for held_back in (False, True):
        chosen = [case for case in cases if case.held_back is held_back]
        if QUICK:
            chosen = chosen[:2]
        sums = [0.0, 0.0, 0.0]
        for case in chosen:
            loaded = Loaded(person(case.name.replace(" ", "-")), case)
            for place, weights in enumerate((WEIGHTS, WORDS_ONLY, MEANING_ONLY)):
                sums[place] += loaded.recall_at(10, weights)
        fused, words, meaning = (100 * each / len(chosen) for each in sums)
        kind = "held back" if held_back else "tuned with"
        print(
            f"{name:<10} {kind:<11} {len(chosen):>3}   recall@10 {fused:5.1f} %"
            f"   words alone {words:5.1f} %   meaning alone {meaning:5.1f} %"
        )


def main() -> None:
    active_model()
    with transaction.atomic():
        for size in SIZES:
            measure_time(size)
        measure_recall("people", people())
        measure_recall("dialogues", dialogues())
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
