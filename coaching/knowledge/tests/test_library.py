"""The form of the library: enough articles of each kind, short, sourced, kind, and claiming nothing too much."""

import re
from collections import Counter

import pytest

from coaching.knowledge.deidentifying import names_in
from coaching.knowledge.loading import Article, read_library
from coaching.models import KnowledgeCategory

ARTICLES = read_library()
AT_LEAST = {
    KnowledgeCategory.HABIT_STRATEGIES: 16,
    KnowledgeCategory.DOMAIN_GUIDES: 16,
    KnowledgeCategory.OBSTACLES: 12,
    KnowledgeCategory.MOTIVATION: 8,
    KnowledgeCategory.SCHEDULING: 8,
    KnowledgeCategory.RESEARCH: 12,
    KnowledgeCategory.NUTRITION: 6,
    KnowledgeCategory.SUCCESS_STORIES: 6,
}
# Hype, guilt, magic numbers, and what only a doctor may set.
FORBIDDEN = re.compile(
    r"\b(?:66|21) days\b|\bguarante\w+|\bproven\b|\bmiracle|\bthe secret (?:to|of)\b|\bhacks?\b|\blife-changing\b|\bno excuses\b|"
    r"\bloser|\bpathetic\b|\bshould be ashamed\b|\bkcal\b|\b\d+ calories\b|\blose \d+|\bBMI\b|\bketo\b|"
    r"\bfasting\b|!",
    re.I,
)


def test_there_are_enough_of_every_kind() -> None:
    assert len(ARTICLES) >= 80
    counts = Counter(article.front.category for article in ARTICLES)
    assert all(counts[category] >= number for category, number in AT_LEAST.items())


def test_titles_are_different() -> None:
    assert len({article.front.title for article in ARTICLES}) == len(ARTICLES)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_an_article_is_short_sourced_and_kind(article: Article) -> None:
    assert 150 <= len(article.body.split()) <= 220
    assert article.front.licence == "Original, Habyss library"
    assert article.front.author == "Habyss"
    assert not FORBIDDEN.findall(f"{article.front.title} {article.body}")


def test_research_names_authors_year_and_journal_and_its_limits() -> None:
    for article in ARTICLES:
        if article.front.category is KnowledgeCategory.RESEARCH:
            assert re.search(r"\(\d{4}\), .+\d", article.front.citation), article.slug
            assert "What to take from it" in article.body, article.slug


def test_food_and_success_patterns_say_what_they_are() -> None:
    for article in ARTICLES:
        if article.front.category is KnowledgeCategory.NUTRITION:
            assert re.search(r"doctor|dietitian", article.body), article.slug
        if article.front.category is KnowledgeCategory.SUCCESS_STORIES:
            assert "No single person is meant" in article.body, article.slug
            assert "Composite" in article.front.citation, article.slug
            assert not names_in(article.body), article.slug
