"""Rehearsing many people at once, in groups that are played side by side."""

import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import partial, reduce
from operator import add
from os import cpu_count

import django

from .findings import Findings, findings_of
from .month import play
from .report import Report

# People per group. Fixed, so that the same seed gives the same months on every machine.
GROUP = 100


def rehearse(
    people: int,
    days: int,
    *,
    seed: int,
    start: datetime,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Plays a month from `start` (aware) for `people` people; more than `GROUP` are played in several
    processes, each with a transaction of its own.

    What the policy learns of everybody (which words work) it learns within a group.
    """
    began = time.monotonic()
    sizes = [min(GROUP, people - first) for first in range(0, people, GROUP)]
    if len(sizes) == 1:
        found = play(people, days, seed=seed, start=start, read=findings_of, say=say)
    else:
        found = _side_by_side(sizes, days, seed, start)
    return Report(
        people=people,
        days=days,
        seed=seed,
        start=start.date().isoformat(),
        seconds=time.monotonic() - began,
        found=found,
    )


def _side_by_side(sizes: list[int], days: int, seed: int, start: datetime) -> Findings:
    # A forked process would share this one's connections.
    context = multiprocessing.get_context("spawn")
    workers = min(len(sizes), cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=django.setup) as pool:
        group = partial(_play_group, days=days, seed=seed, start=start)
        return reduce(add, pool.map(group, range(len(sizes)), sizes))


def _play_group(number: int, people: int, *, days: int, seed: int, start: datetime) -> Findings:
    return play(
        people,
        days,
        seed=seed * 1000 + number,
        start=start,
        read=findings_of,
        say=lambda line: print(f"group {number + 1}: {line}", file=sys.stderr, flush=True),
    )
