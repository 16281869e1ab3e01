"""The library in the database is what its files say: loaded once, changed where they changed, clear when broken."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coaching.knowledge.loading import readable_text
from coaching.knowledge.search import search
from coaching.models import KnowledgeChunk, KnowledgeOrigin, KnowledgeSource

pytestmark = pytest.mark.django_db
ARTICLE = """---
title: {title}
category: obstacles
licence: Original, Habyss library
author: Habyss
---

{body}
"""


def write(
    folder: Path, slug: str, title: str = "Rainy days", body: str = "Walk in the hall."
) -> Path:
    path = folder / "obstacles" / f"{slug}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(ARTICLE.format(title=title, body=body))
    return path


def load(folder: Path) -> None:
    call_command("load_knowledge", folder=folder, words_only=True, verbosity=0)


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "rain")
    load(tmp_path)
    before = list(KnowledgeChunk.objects.values_list("pk", "text"))
    load(tmp_path)
    assert list(KnowledgeChunk.objects.values_list("pk", "text")) == before
    source = KnowledgeSource.objects.get()
    assert (source.slug, source.origin, source.is_verified) == ("rain", "library", True)


def test_only_what_changed_is_cut_anew(tmp_path: Path) -> None:
    write(tmp_path, "rain")
    write(tmp_path, "snow", "Snow", "Walk in boots.")
    load(tmp_path)
    snow = KnowledgeChunk.objects.get(source__slug="snow").pk
    write(tmp_path, "rain", body="Walk in the mall.")
    load(tmp_path)
    assert KnowledgeChunk.objects.get(source__slug="snow").pk == snow
    assert KnowledgeChunk.objects.get(source__slug="rain").text == "Walk in the mall."


def test_what_left_the_library_leaves_and_what_staff_added_stays(tmp_path: Path) -> None:
    path = write(tmp_path, "rain")
    write(tmp_path, "snow", "Snow")
    KnowledgeSource.objects.create(slug="own-1a2b3c", title="Own", category="obstacles", body="x")
    load(tmp_path)
    path.unlink()
    load(tmp_path)
    assert set(KnowledgeSource.objects.values_list("slug", flat=True)) == {"snow", "own-1a2b3c"}


def test_a_withdrawn_verification_stays_withdrawn(tmp_path: Path) -> None:
    write(tmp_path, "rain")
    load(tmp_path)
    KnowledgeSource.objects.update(is_verified=False)
    write(tmp_path, "rain", body="Changed words about rain.")
    load(tmp_path)
    assert not KnowledgeSource.objects.get(origin=KnowledgeOrigin.LIBRARY).is_verified


def test_without_vectors_the_words_find_it(tmp_path: Path) -> None:
    write(tmp_path, "rain", body="On rainy days walk in the hall under the roof.")
    write(tmp_path, "snow", "Snow", "Wear boots.")
    load(tmp_path)
    assert KnowledgeChunk.objects.filter(embedding__isnull=False).count() == 0
    assert [each.slug for each in search("rainy hall")] in (["rain"], [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("No front matter.", "front matter"),
        ("---\ntitle: [\n---\n\nBody.", "no YAML"),
        ("---\ntitle: Rain\n---\n\nBody.", "category"),
        (ARTICLE.format(title="Rain", body=""), "no text"),
        (ARTICLE.format(title="Rain", body="x").replace("obstacles", "motivation"), "folder"),
        (ARTICLE.format(title="Rain", body="x").replace("author", "colour: red\nauthor"), "colour"),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_loaded(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, "good")
    write(tmp_path, "zbad").write_text(text)
    with pytest.raises(CommandError, match=r"zbad\.md") as problem:
        load(tmp_path)
    assert told in str(problem.value)
    assert not KnowledgeSource.objects.exists()


def test_text_is_read_by_lines() -> None:
    markdown = "# Rain\n\nTake a\n**coat**.\n\n- One\n  more\n- Two\n\nEnd."
    assert readable_text(markdown) == "Rain\nTake a coat.\n- One more\n- Two\nEnd."
