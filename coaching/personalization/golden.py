"""Golden conversations: answers that a person liked, kept to try every new version of their prompt on."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from coaching import learning_permission
from coaching.models import (
    CoachingProfile,
    GoldenConversation,
    Message,
    MessageRole,
    ResponseFeedback,
)


@dataclass(frozen=True)
class GoldenNumbers:
    """How many are kept and what is expected of their answers (ours).

    most: golden conversations per person; the newest stay.
    most_words: words that the request and the answer share with the prompt and that must not get lost.
    letters: shorter words say too little to be held to.
    longer_than: an answer more than this many times as long as the one liked is worse.
    least_words: an answer up to this long is never too long.
    """

    most: int = 12
    most_words: int = 6
    letters: int = 5
    longer_than: float = 2.0
    least_words: int = 60


NUMBERS = GoldenNumbers()
_WORD = re.compile(r"[^\W\d_]+")
# Words of any talk about habits: shared by every prompt, they tell nothing.
_COMMON = frozenset(
    {
        *("about", "after", "again", "always", "another", "answer", "asked", "because"),
        *("before", "being", "better", "could", "every", "first", "going", "great"),
        *("habit", "habits", "helps", "little", "makes", "maybe", "might", "never"),
        *("other", "people", "person", "really", "right", "should", "small", "start"),
        *("still", "their", "there", "these", "thing", "things", "think", "those"),
        *("through", "today", "together", "tomorrow", "until", "usually", "wants"),
        *("which", "while", "would", "yours", "coach", "coaching", "minutes", "sentence"),
    }
)


def terms(text: str) -> list[str]:
    """The telling words of a text, in their order, each once."""
    found = (word.lower() for word in _WORD.findall(text))
    return list(
        dict.fromkeys(
            word for word in found if len(word) >= NUMBERS.letters and word not in _COMMON
        )
    )


def liked() -> QuerySet[ResponseFeedback]:
    """Answers that people liked and of which may be learned."""
    return ResponseFeedback.objects.filter(
        rating=1,
        user__in=learning_permission.learners().values("pk"),
        message__role=MessageRole.ASSISTANT,
        message__is_crisis=False,
        message__parent__role=MessageRole.USER,
        message__parent__is_crisis=False,
        message__conversation__is_temporary=False,
    )


def keep_liked(*, now: datetime, limit: int = 1000) -> int:
    """Keeps what was newly liked, and lets go of what is liked no more; returns how many were added.

    Running it twice, or twice at once, keeps each once.
    """
    GoldenConversation.objects.exclude(
        Exists(ResponseFeedback.objects.filter(message=OuterRef("message"), rating=1))
    ).delete()
    theirs = GoldenConversation.objects.filter(user=OuterRef("user"))
    oldest = theirs.order_by("-created_at", "-pk").values("created_at")
    new = (
        liked()
        .filter(message__golden__isnull=True, created_at__lte=now)
        # What is older than a full dozen had its time; it would be let go of at once.
        .annotate(oldest=Subquery(oldest[NUMBERS.most - 1 : NUMBERS.most]))
        .filter(Q(oldest=None) | Q(created_at__gt=F("oldest")))
    )
    rows = list(new.select_related("message__parent").order_by("-created_at", "-pk")[:limit])
    people = {row.user_id for row in rows}
    prompts = dict(
        CoachingProfile.objects.filter(user__in=people).values_list(
            "user_id", "coaching_system_prompt"
        )
    )
    kept: dict[Any, int] = {}
    golden = []
    for row in rows:
        request = row.message.parent
        assert request is not None  # noqa: S101 - asked for in `liked`
        kept[row.user_id] = kept.get(row.user_id, 0) + 1
        if kept[row.user_id] > NUMBERS.most:
            continue
        golden.append(
            GoldenConversation(
                user_id=row.user_id,
                message=row.message,
                request=request.content,
                answer=row.message.content,
                expectations=expectations(
                    request.content, row.message, prompts.get(row.user_id, "")
                ),
                created_at=row.created_at,
            )
        )
    GoldenConversation.objects.bulk_create(golden, ignore_conflicts=True)
    for user_id in people:
        surplus = GoldenConversation.objects.filter(user=user_id).order_by("-created_at", "-pk")
        GoldenConversation.objects.filter(
            pk__in=list(surplus.values_list("pk", flat=True)[NUMBERS.most :])
        ).delete()
    return len(golden)


def expectations(request: str, answer: Message, prompt: str) -> list[dict[str, Any]]:
    """What a later version is held to: that it still knows what mattered here, and does not ramble."""
    known = set(terms(prompt))
    shared = [word for word in terms(f"{request} {answer.content}") if word in known]
    length = len(answer.content.split())
    return [
        {"kind": "knows", "words": shared[: NUMBERS.most_words]},
        {
            "kind": "length",
            "most_words": max(NUMBERS.least_words, round(length * NUMBERS.longer_than)),
        },
    ]
