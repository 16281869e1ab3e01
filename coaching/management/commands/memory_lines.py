"""Memory as a program: JSON lines in, JSON lines out."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from coaching.llm.embeddings import local
from coaching.memory.lines import MemoryLines, erase_left_behind


class Command(BaseCommand):
    help = (
        'Reads JSON lines from standard input and answers each with one: {"op": "index", "turns": '
        '[{"id", "timestamp", "speaker", "text"}]}, {"op": "search", "query", "k"}, {"op": "close"}. '
        "What is indexed is erased at the close and when the input ends."
    )

    requires_system_checks = ()  # it answers within a second of its start

    def handle(self, *args: Any, **options: Any) -> None:
        local.use_threads(min(2, os.cpu_count() or 1))  # one line at a time: somebody waits for it
        erase_left_behind(now=timezone.now())
        with connection.cursor() as cursor:  # the one statement has one good plan
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        for answer in MemoryLines().answers(sys.stdin.buffer):
            self.stdout.write(answer)
            self.stdout.flush()
