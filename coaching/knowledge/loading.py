"""Sources into the database: the library that comes with the product, and what staff add.

A library article is a Markdown file with front matter; its name is its slug, its folder its category. What has
not changed is not touched, what has gone from the library goes from the database.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import yaml
from django.contrib.postgres.search import SearchVector
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Value
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from coaching.llm.embeddings import store_embeddings
from coaching.models import KnowledgeCategory, KnowledgeChunk, KnowledgeOrigin, KnowledgeSource

from .chunking import NUMBERS, Piece, passages

LIBRARY = Path(__file__).parent / "data"
EMBEDDED_WORDS = 80  # of a passage, in its vector
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


class BadArticle(Exception):
    """A file of the library that cannot be loaded; the message names it."""


class FrontMatter(BaseModel):
    """What an article says of itself."""

    model_config = ConfigDict(extra="forbid")

    title: Line
    category: KnowledgeCategory
    licence: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=100)]
    author: Line
    citation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)] | None = None


@dataclass(frozen=True)
class Article:
    """An article as it stands in its file."""

    slug: str
    front: FrontMatter
    body: str
    digest: str


@dataclass(frozen=True)
class Loaded:
    """What a load did: how many articles were added, changed, removed, left alone."""

    added: int
    changed: int
    removed: int
    same: int


def read_library(folder: Path = LIBRARY) -> list[Article]:
    """The articles in `folder`/<category>/<slug>.md, sorted by slug. Raises `BadArticle`."""
    found: dict[str, Article] = {}
    for path in sorted(folder.glob("*/*.md")):
        article = read_article(path)
        if article.slug in found:
            raise BadArticle(f"{path}: there is another article called {article.slug}.")
        found[article.slug] = article
    return [found[slug] for slug in sorted(found)]


def read_article(path: Path) -> Article:
    """The article in one file. Raises `BadArticle`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadArticle(f"{path}: {error}") from error
    opening, _, rest = text.partition("---\n")
    head, closing, body = rest.partition("\n---\n")
    if opening.strip() or not closing:
        raise BadArticle(f"{path}: it must begin with front matter between two lines of ---.")
    try:
        front = FrontMatter.model_validate(yaml.safe_load(head) or {})
    except yaml.YAMLError as error:
        raise BadArticle(f"{path}: the front matter is no YAML: {error}") from error
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'front matter'}: {each['msg']}"
            for each in error.errors()
        )
        raise BadArticle(f"{path}: {told}") from error
    if front.category != path.parent.name:
        raise BadArticle(
            f"{path}: its category is {front.category}, its folder {path.parent.name}."
        )
    if not body.strip():
        raise BadArticle(f"{path}: there is no text.")
    return Article(path.stem, front, body.strip() + "\n", digest_of(text))


def digest_of(text: str) -> str:
    """What tells whether a text, or the way it is cut, has changed."""
    made_with = f"{asdict(NUMBERS)} {EMBEDDED_WORDS}"
    return hashlib.sha256(f"{made_with}\n{text}".encode()).hexdigest()


def load_library(
    articles: Sequence[Article], *, now: datetime, with_vectors: bool = True
) -> Loaded:
    """Makes the library in the database equal to `articles`; a second time nothing is left to do.

    Articles of the library come reviewed: new ones are verified. A verification that staff withdrew stays
    withdrawn. With `with_vectors` off, passages are found by words until their vectors are made.
    """
    wanted = {article.slug: article for article in articles}
    ours = KnowledgeSource.objects.filter(origin=KnowledgeOrigin.LIBRARY)
    known = dict(ours.values_list("slug", "content_digest"))
    gone = known.keys() - wanted.keys()
    stale = [article for slug, article in wanted.items() if known.get(slug) != article.digest]
    chunks: list[KnowledgeChunk] = []
    with transaction.atomic():
        if gone:
            ours.filter(slug__in=gone).delete()
        for article in stale:
            fields: dict[str, Any] = {
                "title": article.front.title,
                "author": article.front.author,
                "category": article.front.category,
                "licence": article.front.licence,
                "citation": article.front.citation,
                "url": article.front.url or "",
                "body": article.body,
                "content_digest": article.digest,
            }
            source, _ = KnowledgeSource.objects.update_or_create(
                slug=article.slug,
                origin=KnowledgeOrigin.LIBRARY,
                defaults=fields,
                create_defaults={**fields, "is_verified": True, "verified_at": now},
            )
            chunks += _new_chunks(source)
        _write(chunks)
    if with_vectors:
        lacking = KnowledgeChunk.objects.filter(
            source__origin=KnowledgeOrigin.LIBRARY, embedding__isnull=True
        )
        store_embeddings(list(lacking.select_related("source")), text_to_embed)
    added = sum(article.slug not in known for article in stale)
    return Loaded(added, len(stale) - added, len(gone), len(wanted) - len(stale))


def rechunk(source: KnowledgeSource) -> int:
    """Cuts a source anew after its text or title changed; returns the number of passages.

    Its vectors are made afterwards, outside of the transaction (`embed_source`).
    """
    with transaction.atomic():
        chunks = _new_chunks(source)
        _write(chunks)
        source.content_digest = digest_of(f"{source.title}\n{source.body}")
        KnowledgeSource.objects.filter(pk=source.pk).update(content_digest=source.content_digest)
    return len(chunks)


def embed_source(source: KnowledgeSource) -> None:
    """Makes the vectors of a source's passages; what cannot be made now is made later."""
    store_embeddings(list(source.chunks.select_related("source")), text_to_embed)


def text_to_embed(chunk: KnowledgeChunk) -> str:
    """What a passage's vector is made of: its title, because it may not say what it is about, and its opening.

    With all of a passage in it a small model's vector is of everything and nothing: on the questions of the
    tests the right article was among the first three 31 times in 35, with the opening 34 times. The rest is found
    by its words.
    """
    words = plain_text(chunk.text).split()[:EMBEDDED_WORDS]
    return f"{chunk.source.title}. {' '.join(words)}"


def plain_text(markdown: str) -> str:
    """Markdown without its marks of headings, lists and stress, for reading by machines."""
    lines = (line.lstrip("#>-*+ \t") for line in markdown.splitlines())
    return " ".join(" ".join(lines).replace("**", "").replace("*", "").split())


def readable_text(markdown: str) -> str:
    """Markdown as lines: one for each paragraph, point or heading, without marks of stress."""
    lines: list[str] = []
    is_open = False
    for line in markdown.splitlines():
        words = " ".join(line.replace("**", "").replace("*", "").split())
        is_point = bool(re.match(r"(?:[-+]|\d+[.)]) ", words))
        if is_open and words and not is_point:
            lines[-1] += f" {words}"
        elif words:
            lines.append(re.sub(r"^(?:[-+]|\d+[.)]) ", "- ", words))
        is_open = bool(words) and not words.startswith("#")
    return "\n".join(line.lstrip("#> ") for line in lines)


def delete_file(name: str) -> None:
    """Removes the file that a source came with, once nothing refers to it."""
    if name and not KnowledgeSource.objects.filter(file=name).exists():
        default_storage.delete(name)


def _new_chunks(source: KnowledgeSource) -> list[KnowledgeChunk]:
    """The passages of a source as they are now, not yet saved; the old ones are deleted."""
    source.chunks.all().delete()
    return [
        KnowledgeChunk(
            source=source,
            ordinal=ordinal,
            heading=piece.heading,
            text=piece.text,
            word_count=min(piece.word_count, 32_767),
        )
        for ordinal, piece in enumerate(pieces_of(source.body))
    ]


def pieces_of(body: str) -> list[Piece]:
    """How a text is cut; what staff see before they save."""
    return passages(body)


def _write(chunks: Iterable[KnowledgeChunk]) -> None:
    saved = KnowledgeChunk.objects.bulk_create(chunks)
    if not saved:
        return
    # The title is another table's: each source's passages get it with one statement.
    by_source: dict[Any, list[Any]] = {}
    titles: dict[Any, str] = {}
    for chunk in saved:
        by_source.setdefault(chunk.source_id, []).append(chunk.pk)
        titles[chunk.source_id] = chunk.source.title
    for source_id, ids in by_source.items():
        KnowledgeChunk.objects.filter(pk__in=ids).update(
            search=SearchVector(Value(titles[source_id]), weight="A", config="english")
            + SearchVector(F("heading"), weight="B", config="english")
            + SearchVector(F("text"), weight="D", config="english")
        )
