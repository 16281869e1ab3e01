"""The past is read with the same care, in batches that can be stopped and resumed."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.factories import UserFactory
from coaching.models import EpisodicMemory, MemoryReading

from .talks import NOW, learner, talk

pytestmark = pytest.mark.django_db


def backfill(**options: object) -> str:
    out = StringIO()
    call_command("backfill_memories", stdout=out, stderr=out, **options)
    return out.getvalue()


def test_only_what_may_be_learned_is_read_and_once() -> None:
    user = learner()
    for number in range(3):
        talk(user, f"I have {number + 2} kids.", at=NOW - timedelta(days=30 - number))
    talk(UserFactory.create(), "I live in Oslo.")
    assert backfill(dry_run=True) == "3 conversations to read.\n"
    assert not MemoryReading.objects.exists()
    told = backfill(batch_size=2)
    assert "2 of 3 read" in told
    assert "Read 3, failed 0, kept 3." in told
    assert "Read 0" in backfill()
    assert set(EpisodicMemory.objects.values_list("user", flat=True)) == {user.pk}


def test_it_goes_on_after_a_conversation_and_since_a_day() -> None:
    user = learner()
    first = talk(user, "I live in Oslo.", at=NOW - timedelta(days=90))
    talk(user, "I work as a nurse.", at=NOW)
    assert backfill(dry_run=True, resume=str(first.pk)) == "1 conversations to read.\n"
    assert backfill(dry_run=True, since="2026-06-01") == "1 conversations to read.\n"
    assert backfill(dry_run=True, users=[user.email]) == "2 conversations to read.\n"
    assert "learn from 0" in backfill(dry_run=True, users=["nobody@example.org"])


@pytest.mark.parametrize("options", [{"since": "soon"}, {"resume": "7"}, {"batch_size": 0}])
def test_what_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        backfill(**options)
