"""The person's say: a sentence called wrong is gone at once and for good; one put in own words stays put."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.models import DisputedFact, PromptRevision, PromptSentence, RevisionReason

from . import injection
from .revisions import (
    NothingToChange,
    add_version,
    live_revision,
    locked_profile,
    make_live,
    sentences_of,
)
from .sentences import Section, Sentence
from .writing.composer import fitted
from .writing.facts import is_disputed, own_words
from .writing.own_words import own_sentence
from .writing.wording import cleaned

LONGEST_OWN_WORDS = 300  # characters
MOST_OWN_WORDS = 250  # words of the prompt that may be the person's own


class EditRefused(ValueError):
    """These words cannot stand in a prompt; the text says why, to the person."""


@transaction.atomic
def mark_wrong(user: User, sentence_id: UUID, *, now: datetime) -> PromptRevision:
    """Takes a sentence out at once, and keeps every later version from saying it.

    Raises `PromptSentence.DoesNotExist` for one that is not of this person, and `NothingToChange` when the
    live version does not say it any more.
    """
    return _replace(user, sentence_id, "", now=now)


@transaction.atomic
def edit(user: User, sentence_id: UUID, text: str, *, now: datetime) -> PromptRevision:
    """Puts the person's own words in place of a sentence; they stay through every later writing.

    Raises `EditRefused` for words that cannot stand there, else as `mark_wrong`.
    """
    words = cleaned(text)
    if not words:
        raise EditRefused("Write what is true instead, or call the sentence wrong.")
    if len(words) > LONGEST_OWN_WORDS:
        raise EditRefused(f"Keep it to {LONGEST_OWN_WORDS} characters, please.")
    if injection.is_injection(words):
        raise EditRefused(
            "That reads like an order to a computer. Say it as you would to a person."
        )
    texts = {row.own_words for row in DisputedFact.objects.filter(user=user)}
    if sum(len(each.split()) for each in {*texts, words}) > MOST_OWN_WORDS:
        raise EditRefused(
            "Much of it is in your own words already. Make one of them shorter first."
        )
    return _replace(user, sentence_id, words, now=now)


@transaction.atomic
def undo(user: User, dispute_id: UUID, *, now: datetime) -> PromptRevision:
    """Takes back what the person said against a fact: the sentence comes back as it was.

    Raises `DisputedFact.DoesNotExist` when there is nothing to take back.
    """
    locked_profile(user.pk)
    row = DisputedFact.objects.get(user=user, pk=dispute_id)
    together = DisputedFact.objects.filter(user=user, text=row.text)
    keys = set(together.values_list("fact_key", flat=True))
    words = row.own_words
    live = live_revision(user)
    if live is None:
        raise NothingToChange("There is no version to put it back into.")
    together.delete()
    said = [each for each in sentences_of(live) if not (words and each.evidence[0].text == words)]
    said += _last_said(user, keys, said)
    return _edited(live, said, now=now, note="Taken back.")


def disputes_of(user: User) -> list[DisputedFact]:
    """What the person called wrong or put in own words, newest first, once each."""
    found: dict[str, DisputedFact] = {}
    for row in DisputedFact.objects.filter(user=user).order_by("pk"):
        found.setdefault(row.text, row)
    return list(reversed(found.values()))


def corrected(user: User, sentences: Sequence[Sentence], *, template: str) -> list[Sentence]:
    """`sentences` less what the person called wrong by now, with their own words, at full length again."""
    rows = list(DisputedFact.objects.filter(user=user).order_by("pk"))
    disputed = {row.fact_key for row in rows}
    kept = [
        each
        for each in sentences
        if each.is_own_words or not any(is_disputed(key, disputed) for key in each.fact_keys)
    ]
    words = own_words(rows)
    mine = {each.text for each in words}
    kept = [each for each in kept if not each.is_own_words or each.evidence[0].text in mine]
    there = {each.evidence[0].text for each in kept if each.is_own_words}
    kept += [own_sentence(user.name, each) for each in words if each.text not in there]
    return fitted(kept, seed=str(user.pk), name=user.name, template=template, disputed=disputed)


def _replace(user: User, sentence_id: UUID, words: str, *, now: datetime) -> PromptRevision:
    locked_profile(user.pk)
    row = PromptSentence.objects.select_related("revision").get(pk=sentence_id, user=user)
    live = live_revision(user)
    if live is None:
        raise NothingToChange("There is no version to change.")
    said = sentences_of(live)
    meant = next((each for each in said if each.text == row.text), None)
    if meant is None:
        raise NothingToChange("Your prompt does not say this any more.")
    if meant.section == Section.LIMITS:
        raise NothingToChange("This is a rule of the house, and it holds for everybody.")
    keys = meant.fact_keys
    if meant.is_own_words:
        _change_own_words(user, meant, words, now=now)
    else:
        for key in keys:
            DisputedFact.objects.update_or_create(
                user=user,
                fact_key=key,
                defaults={"text": meant.text, "own_words": words, "created_at": now},
            )
    note = "Put in your own words." if words else "Called wrong."
    return _edited(live, said, now=now, note=note)


def _change_own_words(user: User, sentence: Sentence, words: str, *, now: datetime) -> None:
    """Own words edited or called wrong again: what they stood in for stays disputed."""
    DisputedFact.objects.filter(user=user, own_words=sentence.evidence[0].text).update(
        own_words=words, created_at=now
    )


def _last_said(user: User, keys: set[str], said: Sequence[Sentence]) -> list[Sentence]:
    """The newest sentences that any version had about these facts and that are not said now."""
    there = {each.text for each in said}
    found: dict[tuple[str, str], Sentence] = {}
    rows = (
        PromptRevision.objects.filter(user=user).order_by("-version").prefetch_related("sentences")
    )
    for revision in rows[:20]:
        mine = [each for each in sentences_of(revision) if keys & set(each.fact_keys)]
        mine = [each for each in mine if not each.is_own_words]
        if mine:
            for each in mine:
                if each.text not in there:
                    found[each.section, each.text] = each
            break
    return list(found.values())


def _edited(
    live: PromptRevision, said: Sequence[Sentence], *, now: datetime, note: str
) -> PromptRevision:
    revision = add_version(
        live.user,
        corrected(live.user, said, template=live.template),
        reason=RevisionReason.EDIT,
        template=live.template,
        behavioral_data=live.behavioral_data,
        model=live.model,
        note=note,
        now=now,
    )
    return make_live(revision, now=now)
