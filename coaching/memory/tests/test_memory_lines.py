"""Memory as a program: what it answers to lines, good and bad, and what it leaves behind."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from coaching.memory import lines
from coaching.models import EpisodicMemory, MemoryTerm, MemoryVector

pytestmark = pytest.mark.django_db
TURNS = [
    {
        "id": "D1:1",
        "timestamp": "1:56 pm on 8 May, 2023",
        "speaker": "Caroline",
        "text": "Hey Mel! I went to a support group yesterday and it was powerful.",
    },
    {
        "id": "D1:2",
        "timestamp": "1:56 pm on 8 May, 2023",
        "speaker": "Melanie",
        "text": "Wow, what made it so special?",
    },
    {
        "id": "D7:1",
        "timestamp": "2023-06-20T10:00:00",
        "speaker": "Melanie",
        "text": "I painted a sunrise over the lake with my kids last weekend.",
    },
]


def answers(*asked: object) -> list[Any]:
    sent: Iterable[bytes] = [
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in asked
    ]
    return [json.loads(answer) for answer in lines.MemoryLines().answers(sent)]


def index(*turns: object) -> dict[str, Any]:
    return {"op": "index", "turns": list(turns)}


def search(query: str, **more: object) -> dict[str, Any]:
    return {"op": "search", "query": query, **more}


def test_turns_are_indexed_in_parts_and_found() -> None:
    got = answers(
        index(*TURNS[:2]),
        index(TURNS[2]),
        search("When did Caroline go to the support group?", k=1),
        search("What did Melanie paint?", k=50),
        {"op": "close"},
    )
    assert got[:2] == [{"ok": True}, {"ok": True}]
    assert got[2] == {"ids": ["D1:1"]}
    assert got[3]["ids"][0] == "D7:1"
    assert len(got[3]["ids"]) == 3
    assert got[4] == {"ok": True}


@pytest.mark.parametrize("ending", [[], [{"op": "close"}], [{"op": "close"}, {"op": "close"}]])
def test_nothing_is_left_behind(ending: list[object]) -> None:
    answers(index(*TURNS), *ending)
    for table in (User, EpisodicMemory, MemoryVector, MemoryTerm):
        assert not table.objects.exists()


def test_after_a_close_a_new_conversation_begins() -> None:
    got = answers(
        search("anything"),
        index(TURNS[0]),
        {"op": "close"},
        search("group"),
        index(TURNS[2]),
        search("group"),
    )
    assert [answer.get("ids") for answer in got] == [[], None, None, [], None, ["D7:1"]]


@pytest.mark.parametrize(
    "bad",
    [
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b'"op"',
        {"op": "dance"},
        {"op": "index"},
        {"op": "index", "turns": "none"},
        {"op": "search"},
        {"op": "search", "query": 5},
        {"op": "search", "query": "x", "k": 0},
        {"op": "search", "query": "x", "k": "ten"},
        {"op": "index", "turns": [{"id": "good", "text": "fine"}, {"id": "bad"}]},
        {"op": "index", "turns": [{"id": None, "text": "fine"}]},
        b"[" * 100_000,
    ],
)
def test_a_bad_line_is_said_to_be_bad_and_the_next_is_read(bad: object) -> None:
    got = answers(index(TURNS[0]), bad, search("support", k=5))
    assert got[1]["ok"] is False
    assert got[1]["error"]
    assert got[2] == {"ids": ["D1:1"]}


def test_odd_turns_are_kept_as_well_as_they_can_be() -> None:
    got = answers(
        index(
            {
                "id": "half \ud800",
                "speaker": "A\x00",
                "text": "One half \ud800 of a plum \x00 tree",
            },
            {"id": 7, "timestamp": "no time at all", "speaker": None, "text": "word " * 20_000},
            {"id": "x" * 5000, "timestamp": 1_700_000_000, "text": "A very long name, this one."},
            {"id": "blank", "text": "  "},
            {"id": 7, "text": "The same name again"},
        ),
        b"",
        search("plum \x00 \ud800", k=500),
    )
    assert got[0] == {"ok": True}
    assert set(got[1]["ids"]) == {"half \ud800", 7, "x" * 5000}
    assert got[1]["ids"][0] == "half \ud800"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1:56 pm on 8 May, 2023", datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        ("2023-05-08T13:56:00+02:00", datetime(2023, 5, 8, 11, 56, tzinfo=UTC)),
        ("2023/05/08 (Mon) 13:56", datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        (1683554160, datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        (1683554160000, datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        (None, None),
        (True, None),
        (1e300, None),
    ],
)
def test_timestamps_are_read_as_they_come(said: object, meant: datetime | None) -> None:
    assert lines.moment_of(said) == meant


def test_people_of_killed_processes_are_erased_the_next_day() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    for name, age in (("old", 30), ("new", 2)):
        User.objects.create_user(
            f"{name}@{lines.DOMAIN}", is_active=False, created_at=now - timedelta(hours=age)
        )
    User.objects.create_user("someone@example.org", created_at=now - timedelta(days=9))
    assert lines.erase_left_behind(now=now) == 1
    assert User.objects.count() == 2


def test_the_command_reads_and_writes_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = json.dumps(index(TURNS[0])) + "\n" + json.dumps(search("group")) + "\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent.encode())))
    said = io.StringIO()
    call_command("memory_lines", stdout=said)
    assert said.getvalue() == '{"ok": true}\n{"ids": ["D1:1"]}\n'


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_as_a_process_it_says_nothing_but_answers() -> None:
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    process = subprocess.run(
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "memory_lines"],
        input="\n".join(map(json.dumps, [index(*TURNS), search("painting", k=1)])).encode(),
        capture_output=True,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        timeout=120,
    )
    assert process.stdout == b'{"ok": true}\n{"ids": ["D7:1"]}\n'
    assert not User.objects.exists()
