# ruff: noqa: E402 - Django must be set up before its models are imported
"""What it costs to decide about and to deliver messages, per 1,000 people.

Prints, from one run: a decision round in which everybody's point has come; composing one message to
everybody (with its judgement); delivering them (claim, judgement under a lock, hand-over, record). Beside
each the bare statements that any such work must make, over the same connection: the probe reads and writes
the same rows, and decides nothing. Everything happens in temporary tables that go away.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/outreach.py
"""

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection, transaction

from accounts.models import User
from coaching.models import CoachMessage, MessageCause, MessageChannel
from coaching.outreach import nudging, outbox
from coaching.outreach.rehearsal.apart import empty_tables, refresh_statistics
from coaching.outreach.rehearsal.carriers import Mishaps
from coaching.outreach.rehearsal.month import set_stage
from coaching.outreach.rehearsal.people import Kind
from coaching.outreach.rehearsal.stage import Stage
from coaching.outreach.rehearsal.truth import need_source
from coaching.toolkit import need_sources

PEOPLE = 1000
# Twenty minutes after the morning point of people in this zone, three out of four have reached theirs.
ZONE = "UTC"
MORNING = datetime(2026, 10, 6, 9, 20, tzinfo=UTC)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    count = work()
    return time.perf_counter() - began, count


def show(name: str, seconds: float, count: int, bare: float | None = None) -> None:
    ratio = "" if bare is None else f"  {seconds / bare:5.1f} times the bare statements"
    print(f"{name:46} {seconds:7.2f} s  {count:5}  {count / seconds:8.0f}/s{ratio}")


def bare_decisions(now: datetime) -> int:
    """One statement: who agrees, their newest activity, their messages of the week; a row for each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO coaching_nudgedecision
                (id, user_id, at, local_date, point, policy_version, need, subject_type, is_available,
                 unavailable_reason, features, probability, random_number, sent, had_error, dosage,
                 template_odds, window_ends_at)
            SELECT gen_random_uuid(), person.id, %(now)s, %(now)s::date, 'bare', 'bare', '', '', true, '',
                   jsonb_build_object('last', extract(epoch FROM seen.at), 'messages', sent.count),
                   0.25, random(), false, false, 0, '{}', %(now)s
              FROM accounts_user person
              JOIN LATERAL (SELECT granted FROM accounts_consent
                             WHERE user_id = person.id AND kind = 'behavioral_tracking'
                             ORDER BY at DESC, id DESC LIMIT 1) agreed ON agreed.granted
              LEFT JOIN LATERAL (SELECT max(occurred_at) AS at FROM coaching_rawbehaviorallog
                                  WHERE user_id = person.id) seen ON true
              LEFT JOIN LATERAL (SELECT count(*) FROM coaching_coachmessage
                                  WHERE user_id = person.id
                                    AND sent_at > %(now)s - interval '7 days') sent ON true
            """,
            {"now": now},
        )
        count = cursor.rowcount
        cursor.execute("DELETE FROM coaching_nudgedecision WHERE point = 'bare'")
    return int(count)


def bare_writing(people: list[User], now: datetime) -> int:
    """Per message: is it there already, its row, a row for the decision."""
    with connection.cursor() as cursor:
        for person in people:
            with transaction.atomic():
                cursor.execute(
                    "SELECT id FROM coaching_coachmessage"
                    " WHERE user_id = %s AND channel = 'in_app' AND cause_key = 'bare'",
                    [person.pk],
                )
                cursor.execute(
                    """
                    INSERT INTO coaching_coachmessage
                        (id, user_id, channel, cause, cause_key, subject_type, title, body, cta_text,
                         cta_action, state, reason, not_before, expires_at, attempts, created_at,
                         feedback_text)
                    VALUES (gen_random_uuid(), %s, 'in_app', 'campaign', 'bare', '', '', 'Hello', '', '',
                            'queued', '', %s, %s, 0, %s, '')
                    RETURNING id
                    """,
                    [person.pk, now, now + timedelta(days=1), now],
                )
                cursor.execute(
                    "INSERT INTO coaching_contactdecision (id, message_id, at, stage, verdict, reasons, facts)"
                    " VALUES (gen_random_uuid(), %s, %s, 'creation', 'send', '[]', '{}')",
                    [cursor.fetchone()[0], now],
                )
    return len(people)


def bare_delivery(now: datetime) -> int:
    """Per message: a lock, what it says, two states in two transactions, its attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM coaching_coachmessage WHERE cause_key = 'bare'")
        found = [row[0] for row in cursor.fetchall()]
        for pk in found:
            with transaction.atomic():
                cursor.execute(
                    "SELECT * FROM coaching_coachmessage WHERE id = %s FOR UPDATE SKIP LOCKED", [pk]
                )
                cursor.execute(
                    "UPDATE coaching_coachmessage SET state = 'sending', claimed_at = %s, attempts = 1"
                    " WHERE id = %s",
                    [now, pk],
                )
                cursor.execute(
                    "INSERT INTO coaching_notification"
                    " (id, message_id, attempt, channel, status, reason, provider_id, queued_at)"
                    " VALUES (gen_random_uuid(), %s, 1, 'in_app', 'queued', '', '', %s)",
                    [pk, now],
                )
            with transaction.atomic():
                cursor.execute(
                    "UPDATE coaching_coachmessage SET state = 'delivered', sent_at = %s WHERE id = %s",
                    [now, pk],
                )
                cursor.execute(
                    "UPDATE coaching_notification SET status = 'delivered' WHERE message_id = %s",
                    [pk],
                )
        cursor.execute("DELETE FROM coaching_notification WHERE message_id = ANY(%s)", [found])
        cursor.execute("DELETE FROM coaching_contactdecision WHERE message_id = ANY(%s)", [found])
        cursor.execute("DELETE FROM coaching_coachmessage WHERE cause_key = 'bare'")
    return len(found)


def compose_to(people: list[User], now: datetime) -> int:
    for person in people:
        outbox.compose(
            person,
            channel=MessageChannel.IN_APP,
            cause=MessageCause.CAMPAIGN,
            cause_key="bench",
            body="Three ways to make a hard morning lighter are in the library.",
            now=now,
        )
    return len(people)


def deliver_all(now: datetime) -> int:
    while outbox.deliver_due(now=now):
        pass
    return CoachMessage.objects.filter(cause_key="bench", sent_at__isnull=False).count()


def prepared() -> Stage:
    stage = set_stage(PEOPLE, 30, 1, MORNING.replace(hour=0, minute=0))
    User.objects.update(timezone=ZONE)
    for person in stage.people.values():
        person.user.timezone = ZONE
    refresh_statistics()
    return stage


def main() -> None:
    with empty_tables():
        stage = prepared()
        stage.carriers.mishaps = Mishaps.none()
        with (
            stage.carriers.in_place(),
            need_sources.instead(rehearsal__practice=need_source(stage.people)),
        ):
            stage.clock.now = MORNING
            rng = random.Random(1)
            bare, count = timed(lambda: bare_decisions(MORNING))
            show("bare statement for decisions", bare, count)
            took, count = timed(lambda: nudging.decide_round(now=MORNING, rng=rng))
            show("a decision round, with its messages", took, count, bare * count / PEOPLE)
            spoken = CoachMessage.objects.count()
            took, count = timed(lambda: nudging.decide_round(now=MORNING, rng=rng))
            show(f"the same again, all decided ({spoken} messages)", took, max(count, 1))

            later = MORNING + timedelta(days=2)
            stage.clock.now = later
            people = [
                person.user for person in stage.people.values() if person.kind != Kind.VACATION
            ]
            bare, count = timed(lambda: bare_writing(people, later))
            show("bare statements for writing", bare, count)
            took, count = timed(lambda: compose_to(people, later))
            show("writing, with the judgement", took, count, bare)
            bare, count = timed(lambda: bare_delivery(later))
            show("bare statements for delivery", bare, count)
            took, count = timed(lambda: deliver_all(later))
            show("delivery, judged under a lock", took, count, bare * count / len(people))


if __name__ == "__main__":
    main()
