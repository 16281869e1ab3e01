# ruff: noqa: E402 - Django must be set up before its models are imported
"""How long a person waits for a nudge they asked for: with the model, with a slow one, and with none.

The model is a scripted server on loopback that takes as long as it is told. Printed is the time of the whole
request (routing, the transaction, the model, the answer) as p50 and p95. Everything it adds is deleted again.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/nudges.py
"""

import json
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from coaching.llm.engine import engine
from coaching.llm.tests.model_server import ModelServer, Step, Wait, whole
from productivity.models import CoachingNudge, Task

ASKED = 40
MODEL = "openai/bench"


def asked(client: Client, server: ModelServer | None, script: list[Step] | None) -> float:
    if server is not None and script is not None:
        server.will(script)
    began = time.perf_counter()
    answer = client.post("/api/v1/productivity/nudges/", {}, "application/json")
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 201:
        raise SystemExit(f"{answer.status_code}: {answer.content[:200]!r}")
    return took


def measure(
    name: str, client: Client, server: ModelServer | None, script: list[Step] | None
) -> None:
    before = set(CoachingNudge.objects.values_list("pk", flat=True))
    took = sorted(asked(client, server, script) for _ in range(ASKED))
    rows = CoachingNudge.objects.exclude(pk__in=before)
    said = sorted({f"{row.source} {row.fallback_reason}".strip() for row in rows})
    p95 = took[int(0.95 * len(took)) - 1]
    print(
        f"{name:44} p50 {statistics.median(took):7.0f} ms  p95 {p95:7.0f} ms  "
        f"max {took[-1]:7.0f} ms  {', '.join(said)}"
    )


def main() -> None:
    call_command("load_message_templates", verbosity=0)
    user = User.objects.create_user(f"{uuid4().hex}@bench.invalid", None, name="Bench")
    try:
        User.objects.filter(pk=user.pk).update(created_at=timezone.now() - timedelta(days=30))
        Task.objects.bulk_create(
            Task(user=user, title=f"Task {number}", due_at=timezone.now() + timedelta(hours=number))
            for number in range(1, 1001)
        )
        client = Client(headers={"host": settings.ALLOWED_HOSTS[0].lstrip(".") or "localhost"})
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        settings.NUDGES_ASKED_PER_DAY = 10**6
        settings.REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []
        engine()
        run(client)
    finally:
        user.delete()


def run(client: Client) -> None:
    words = whole(json.dumps({"text": "Open “the file” and begin with the first line."}))
    asked(client, None, None)
    settings.COACH_MODEL = "builtin/coach"
    measure("no model (built-in only): a template", client, None, None)
    server = ModelServer()
    settings.COACH_MODEL, settings.COACH_MODEL_API_BASE = MODEL, server.url
    settings.COACH_MODEL_API_KEY = "key"
    settings.COACH_FALLBACK_MODEL = "builtin/coach"
    measure("a model that answers at once", client, server, words)
    measure("a model that answers after 1 s", client, server, [Wait(1.0), *words])
    settings.COACH_BREAKER_FAILURES = 3
    settings.COACH_BREAKER_COOLING_SECONDS = 600
    for _ in range(3):
        asked(client, server, [Wait(30.0)])
    measure("a model that hangs, once it rests", client, server, None)
    server.close()
    settings.COACH_MODEL = "openai/bench-down"
    for _ in range(3):
        asked(client, None, None)
    measure("a model that is down, once it rests", client, None, None)


if __name__ == "__main__":
    main()
