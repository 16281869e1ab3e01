"""A person keeps their variant, is exposed once, and nobody is drawn in who should be left alone."""

import threading
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.experiments.assignment import draw, fraction_of
from coaching.experiments.lifecycle import stop
from coaching.models import CrisisAlert, Experiment, ExperimentAssignment
from coaching.toolkit import segments, variant_of

from .factories import NOON, POINT, agreeing_person, decide, running

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


def ask(user: User, at=NOON) -> str:
    return variant_of(user, POINT.key, now=at)


def warm_only(**fields) -> Experiment:
    """Everybody is drawn into the variant, so that it can be told from the usual option."""
    weights = [{"key": "plain", "weight": 1e-9}, {"key": "warm", "weight": 1}]
    return running(variants=weights, **fields)


def test_without_an_experiment_everybody_gets_the_usual_option(django_assert_num_queries) -> None:
    user = agreeing_person()
    with django_assert_num_queries(1):
        assert ask(user) == "plain"


def test_asking_exposes_once_and_the_variant_stays(django_assert_num_queries) -> None:
    experiment, user = warm_only(), agreeing_person()
    with django_assert_num_queries(2):
        assert ask(user) == "warm"
    with django_assert_num_queries(1):
        assert ask(user, LATER) == "warm"
    row = ExperimentAssignment.objects.get()
    assert (row.experiment, row.user, row.variant) == (experiment, user, "warm")
    assert row.assigned_at == row.exposed_at == NOON


def test_a_variant_is_kept_when_the_weights_change(django_assert_num_queries) -> None:
    experiment, user = warm_only(), agreeing_person()
    ask(user)
    experiment.variants = [{"key": "plain", "weight": 1}, {"key": "warm", "weight": 1e-9}]
    experiment.save()
    assert ask(user, LATER) == "warm"


def test_who_was_drawn_but_not_exposed_is_exposed_when_they_ask(django_assert_num_queries) -> None:
    experiment, user = running(), agreeing_person()
    ExperimentAssignment.objects.create(experiment=experiment, user=user, variant="warm")
    with django_assert_num_queries(2):
        assert ask(user) == "warm"
    assert ExperimentAssignment.objects.get().exposed_at == NOON


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_leave_one_row() -> None:
    warm_only()
    user = agreeing_person()
    barrier, heard = threading.Barrier(2), []

    def request() -> None:
        try:
            barrier.wait(timeout=10)
            heard.append(ask(user))
        finally:
            connection.close()

    threads = [threading.Thread(target=request) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == ["warm", "warm"]
    assert ExperimentAssignment.objects.count() == 1


def test_the_hash_follows_the_weights() -> None:
    experiment = Experiment(
        id=UUID(int=7),
        variants=[{"key": "plain", "weight": 3}, {"key": "warm", "weight": 1}],
    )
    drawn = Counter(draw(experiment, UUID(int=number)) for number in range(8000))
    assert drawn["plain"] / 8000 == pytest.approx(0.75, abs=0.015)
    tenths = Counter(int(fraction_of(UUID(int=9), UUID(int=n)) * 10) for n in range(8000))
    assert all(tenths[tenth] == pytest.approx(800, abs=100) for tenth in range(10))


def test_two_experiments_draw_independently_of_each_other() -> None:
    both = Counter(
        (fraction_of(UUID(int=1), UUID(int=n)) < 0.5, fraction_of(UUID(int=2), UUID(int=n)) < 0.5)
        for n in range(8000)
    )
    assert all(both[pair] == pytest.approx(2000, abs=150) for pair in both)


@pytest.mark.parametrize(
    "fields",
    [
        {"is_staff": True},
        {"is_active": False},
        {"deleted_at": timezone.now()},
        {"automation_paused_at": timezone.now()},
    ],
    ids=["staff", "inactive", "leaving", "paused"],
)
def test_staff_and_people_who_are_left_alone_take_no_part(fields) -> None:
    warm_only()
    assert ask(agreeing_person(**fields)) == "plain"
    assert not ExperimentAssignment.objects.exists()


def test_without_consent_nothing_is_kept_and_nothing_changes() -> None:
    warm_only()
    user = UserFactory()
    assert ask(user) == "plain"
    set_consent(user, ConsentKind.EMAIL, True, ConsentSource.WEB)
    assert ask(user) == "plain"
    assert not ExperimentAssignment.objects.exists()


def test_who_withdraws_gets_the_usual_option_again() -> None:
    warm_only()
    user = agreeing_person()
    assert ask(user) == "warm"
    decide(user, False, NOON)
    assert ask(user, LATER) == "plain"


def test_a_crisis_pause_keeps_people_out_until_it_is_over() -> None:
    warm_only()
    user = agreeing_person()
    CrisisAlert.objects.create(
        user=user,
        message_id=uuid4(),
        category="suicide",
        raised_at=NOON - timedelta(days=1),
        paused_until=NOON + timedelta(hours=1),
    )
    assert ask(user) == "plain"
    assert not ExperimentAssignment.objects.exists()
    assert ask(user, LATER) == "warm"


def test_only_the_segment_takes_part_and_leaving_it_changes_nothing() -> None:
    inside, outside = agreeing_person(), agreeing_person()
    with segments.temporarily(test__some=lambda: User.objects.filter(pk=inside.pk)):
        experiment = warm_only(segment="test.some")
        assert (ask(inside), ask(outside)) == ("warm", "plain")
    assert (ask(inside), ask(agreeing_person())) == ("warm", "plain")
    assert list(experiment.assignments.values_list("user", flat=True)) == [inside.pk]


def test_after_the_end_everybody_gets_the_usual_option() -> None:
    experiment, user = warm_only(), agreeing_person()
    assert ask(user) == "warm"
    stop(experiment, reason="enough", now=LATER)
    assert ask(user, LATER) == "plain"


def test_a_draft_chooses_nothing() -> None:
    warm_only(status="draft")
    assert ask(agreeing_person()) == "plain"


def test_an_option_that_the_product_lost_leaves_the_usual_one() -> None:
    experiment, user = running(), agreeing_person()
    ExperimentAssignment.objects.create(experiment=experiment, user=user, variant="gone")
    assert ask(user) == "plain"
