"""How well scores tell what comes: on people of whom the answer is known."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Consent, ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from momentum.models import MomentumPillar, OutcomeMetric
from momentum.scoring.versions import active
from momentum.validating import BASELINE, ends_of_months, picture_of, validate

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
END = date(2026, 7, 26)  # the last Sunday of July


def people_of(count):
    people = User.objects.bulk_create(
        UserFactory.build(email=f"v{number}@example.org") for number in range(count)
    )
    Consent.objects.bulk_create(
        Consent(
            user=person,
            kind=ConsentKind.BEHAVIORAL_TRACKING,
            granted=True,
            source=ConsentSource.WEB,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for person in people
    )
    return people


def planted(cases, end=END):
    """Keeps people given as (score, active days, retained, gain of goals in the next weeks)."""
    people, name = people_of(len(cases)), active().name
    rows, weeks = [], []
    for person, (score, days, retained, gain) in zip(people, cases, strict=True):
        rows.append(
            MomentumPillar(
                user=person, date=end, version=name, overall_score=score, behavioral_score=score
            )
        )
        weeks.append(
            OutcomeMetric(
                user=person,
                week=end - timedelta(days=6),
                was_active=days > 0,
                active_days=days,
                is_retained=retained,
                goal_attainment=99,
            )
        )
        weeks += [
            OutcomeMetric(
                user=person,
                week=end + timedelta(days=1 + 7 * number),
                was_active=True,
                active_days=1,
                goal_attainment=None if gain is None else gain / 4,
            )
            for number in range(4)
        ]
    MomentumPillar.objects.bulk_create(rows)
    OutcomeMetric.objects.bulk_create(weeks)


def of(found, key):
    return next(one for one in found.validities if one.key == key)


def test_months_end_on_their_last_sunday_once_what_came_after_is_over():
    assert ends_of_months(NOW, 2) == [date(2026, 6, 28), END]
    assert ends_of_months(datetime(2026, 8, 20, tzinfo=UTC), 1) == [date(2026, 6, 28)]
    assert ends_of_months(datetime(2026, 8, 26, tzinfo=UTC), 1) == [END]


@pytest.mark.django_db
def test_a_score_that_tells_everything_and_a_baseline_that_tells_nothing_are_found():
    planted([(50 + n, n % 2, n >= 20, float(n)) for n in range(40)])
    found = validate(active(), months=1, now=NOW)
    overall, naive = of(found, "overall"), of(found, BASELINE)
    assert (found.people, found.cases, found.retained) == (40, 40, 0.5)
    assert overall.auc == 1
    assert naive.auc == 0.5
    assert overall.correlation == pytest.approx(1)
    assert overall.brier < overall.brier_of_guess == pytest.approx(0.25, abs=0.01)
    assert [part.retained for part in overall.parts] == [0] * 5 + [1] * 5
    assert of(found, "cognitive").auc is None
    assert of(found, "behavioral").auc == 1
    assert "100 % of pairs" in found.sentences[0]


@pytest.mark.django_db
def test_the_area_and_its_interval_are_those_planted():
    rng = random.Random(11)
    # Two normal distributions one deviation apart: the area is Phi(1 / sqrt(2)) = 0.760.
    cases = []
    for _ in range(400):
        stays = rng.random() < 0.6
        cases.append((50 + 10 * stays + rng.gauss(0, 10), rng.randrange(8), stays, None))
    planted([(min(100, max(0, score)), *rest) for score, *rest in cases])
    overall = of(validate(active(), months=3, now=NOW), "overall")
    assert overall.auc == pytest.approx(0.76, abs=0.05)
    assert 0.76 in overall.auc_interval
    assert 0.05 < overall.auc_interval.high - overall.auc_interval.low < 0.15
    assert (overall.people_with_goals, overall.correlation) == (0, None)


@pytest.mark.django_db
def test_a_score_that_tells_nothing_is_called_that():
    rng = random.Random(2)
    planted([(rng.uniform(0, 100), rng.randrange(8), n % 3 > 0, rng.random()) for n in range(150)])
    found = validate(active(), months=1, now=NOW)
    overall = of(found, "overall")
    assert 0.5 in overall.auc_interval
    assert overall.correlation_interval.low < 0 < overall.correlation_interval.high
    assert any("nothing shows" in sentence for sentence in found.sentences)


@pytest.mark.django_db
def test_too_few_people_are_said_plainly():
    planted([(50 + n, 3, n > 2, None) for n in range(40)])
    found = validate(active(), months=1, now=NOW)
    assert of(found, "overall").auc is None
    assert found.sentences[0].startswith("Too few people to say whether scores tell who stays: 40 ")
    assert picture_of(found) is None
    empty = validate(active(), months=1, now=datetime(2024, 1, 1, tzinfo=UTC))
    assert (empty.cases, empty.retained) == (0, None)


@pytest.mark.django_db
def test_who_withdrew_is_left_out():
    planted([(50, 1, True, None)] * 3)
    person = MomentumPillar.objects.earliest("pk").user
    Consent.objects.create(
        user=person,
        kind=ConsentKind.BEHAVIORAL_TRACKING,
        granted=False,
        source=ConsentSource.WEB,
        at=NOW,
    )
    assert validate(active(), months=1, now=NOW).people == 2


@pytest.mark.django_db
def test_the_command_tells_draws_and_refuses(tmp_path):
    newest = ends_of_months(datetime.now(UTC), 1)[0]
    planted([(50 + n, n % 2, n >= 20, float(n)) for n in range(40)], end=newest)
    out = StringIO()
    picture = tmp_path / "who-stayed.svg"
    call_command("validate_scores", "--months", "2", "--out", str(picture), stdout=out)
    assert "40 scores of 40 people" in out.getvalue()
    assert "Last week's active days" in out.getvalue()
    assert picture.read_text().startswith("<svg")
    call_command("validate_scores", "--out", str(tmp_path / "p.png"), stdout=StringIO())
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"
    out = StringIO()
    call_command("validate_scores", "--json", "--version", active().name, stdout=out)
    assert json.loads(out.getvalue())["validities"][0]["auc"] == 1
    for wrong in (["--version", "v99"], ["--months", "0"], ["--out", "p.gif"]):
        with pytest.raises(CommandError):
            call_command("validate_scores", *wrong)
