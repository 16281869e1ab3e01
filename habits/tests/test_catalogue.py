"""The catalogue: complete, checked, safe to load again, safe to edit."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.tests.factories import StaffFactory
from habits.catalogue import library as library_module
from habits.catalogue.library import library, read_files
from habits.catalogue.loader import load
from habits.catalogue.schema import Cadence, cross_check
from habits.models import CatalogueHabit, Playbook

pytestmark = pytest.mark.django_db


def test_the_files_hold_enough_habits_and_playbooks_of_every_category():
    files = read_files()
    assert len(files.habits) >= 60
    assert len([p for p in files.playbooks.values() if not p.fallback]) >= 25
    for category in ("fitness", "learning", "financial", "wellness", "productivity"):
        assert sum(h.category == category for h in files.habits.values()) >= 12
        assert files.fallback(category).category == category


def test_nothing_in_the_files_refers_to_something_that_is_not_there():
    files = read_files()
    assert cross_check(files.habits, files.playbooks) == []


def test_every_habit_names_a_work_that_its_reason_rests_on():
    assert all(h.source.author and h.source.title for h in read_files().habits.values())


@pytest.mark.parametrize("words", ["daily", "3x", "mon wed sat", "every 4 weeks"])
def test_a_cadence_reads_as_it_is_written(words):
    assert str(Cadence.model_validate(words)) == words


def test_loading_twice_changes_nothing_the_second_time():
    assert len(load()["habits"].created) >= 60
    again = load()
    assert not again["habits"].updated
    assert not again["playbooks"].updated
    assert not again["habits"].created


def test_a_dry_run_writes_nothing():
    out = StringIO()
    call_command("load_catalogue", "--dry-run", stdout=out)
    assert "created" in out.getvalue()
    assert not CatalogueHabit.objects.exists()


def test_what_staff_edited_stays_unless_forced():
    load()
    CatalogueHabit.objects.filter(slug="brisk-walk").update(
        name="Lively walk", edited_by_staff=True
    )
    assert load()["habits"].kept == ["brisk-walk"]
    assert CatalogueHabit.objects.get(slug="brisk-walk").name == "Lively walk"
    load(force=True)
    assert CatalogueHabit.objects.get(slug="brisk-walk").name == "Brisk walk"


def test_the_planner_reads_what_staff_edited():
    load()
    assert library().habits["brisk-walk"].name == "Brisk walk"
    row = CatalogueHabit.objects.get(slug="brisk-walk")
    row.name = "Lively walk"
    row.save()
    assert library().habits["brisk-walk"].name == "Lively walk"


def test_before_loading_the_packaged_catalogue_serves():
    assert "run-5k" in library().playbooks


def test_a_broken_file_stops_the_loading_before_anything_is_written(tmp_path, monkeypatch):
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "sources.yaml").write_text("{}")
    for category in library_module.CATEGORIES:
        (tmp_path / f"{category}.yaml").write_text("- {slug: Bad Slug, source: nowhere}\n")
        (tmp_path / "playbooks" / f"{category}.yaml").write_text("[]")
    monkeypatch.setattr("habits.catalogue.loader.read_files", lambda: read_files(tmp_path))
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("load_catalogue")


def test_a_row_that_does_not_fit_the_schema_says_why():
    load()
    row = CatalogueHabit.objects.get(slug="brisk-walk")
    row.sizes["two_minute"]["minutes"] = 30
    with pytest.raises(ValidationError, match="five minutes at most"):
        row.full_clean()
    playbook = Playbook.objects.get(slug="run-5k")
    playbook.phases[0]["weeks"] = [5, 4, 3]
    with pytest.raises(ValidationError, match="least ≤ usual ≤ most"):
        playbook.full_clean()


@pytest.fixture
def staff(client):
    load()
    client.force_login(StaffFactory(is_superuser=True))
    return client


def _posted(row, **changes):
    import json

    data = {}
    for name in [*row.SCHEMA_FIELDS, "is_active"]:
        value = getattr(row, name)
        data[name] = json.dumps(value) if isinstance(value, list | dict) else value
    return {k: v for k, v in {**data, **changes}.items() if v is not False}


def test_staff_edit_a_habit_in_the_admin(staff):
    row = CatalogueHabit.objects.get(slug="brisk-walk")
    url = reverse("admin:habits_cataloguehabit_change", args=[row.pk])
    assert staff.get(url).status_code == 200
    answer = staff.post(url, _posted(row, name="Lively walk"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row.refresh_from_db()
    assert row.name == "Lively walk"
    assert row.edited_by_staff


def test_the_admin_refuses_an_edit_that_breaks_the_catalogue(staff):
    row = Playbook.objects.get(slug="run-5k")
    url = reverse("admin:habits_playbook_change", args=[row.pk])
    answer = staff.post(url, _posted(row, instead="nowhere"))
    assert answer.status_code == 200
    assert "nowhere" in str(answer.context["adminform"].form.errors)


@pytest.mark.parametrize("model", ["cataloguehabit", "playbook", "habitsequence"])
def test_the_lists_open(staff, model):
    assert staff.get(reverse(f"admin:habits_{model}_changelist")).status_code == 200


@pytest.mark.parametrize("model", ["cataloguehabit", "playbook"])
def test_the_catalogue_goes_out_and_comes_in_unchanged(staff, model):
    from habits.admin.catalogue import HabitResource, PlaybookResource

    resource = HabitResource() if model == "cataloguehabit" else PlaybookResource()
    data = resource.export()
    result = resource.import_data(data, dry_run=False, raise_errors=True)
    assert not result.has_validation_errors()
    assert result.totals["skip"] == len(data)
