"""What a person in crisis reads: fixed words, and lines they can reach now.

The words acknowledge, ask directly, give a way to talk to a human being right away, and stay. They are
never written by a model.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from coaching.models import CrisisAlert, CrisisCategory, Helpline

from .screen import CrisisHit


@dataclass(frozen=True)
class CrisisAnswer:
    """The answer as plain text (messages, calls, screen readers) and as HTML with working links."""

    text: str
    html: str


_OPENINGS = {
    CrisisCategory.SUICIDE: (
        "I'm glad you told me. What you are carrying sounds very heavy, and it matters.\n\n"
        "Are you thinking about ending your life right now?"
    ),
    CrisisCategory.SELF_HARM: (
        "Thank you for telling me. You deserve care for this, not judgement.\n\n"
        "Are you hurt right now, or thinking about hurting yourself?"
    ),
    CrisisCategory.OVERDOSE: (
        "This may be an emergency, and every minute counts.\n\n"
        "Have you taken something? Please call your local emergency number now, even if you feel all right."
    ),
    CrisisCategory.VIOLENCE: (
        "I'm sorry this is happening. Nobody should have to live with violence, and it is not your fault.\n\n"
        "Are you safe where you are right now?"
    ),
}
_ABOUT_ANOTHER = (
    "Thank you for looking out for them. You do not have to carry this alone.\n\n"
    "Are they in danger right now? It is all right to ask them directly whether they think about "
    "ending their life; asking does not put the idea there."
)
_STAY = (
    "If there is immediate danger, call your local emergency number, or go to the nearest emergency "
    "department. If you can, let somebody be with you: a friend, a neighbour, family. A doctor or a "
    "therapist can help with this, too.\n\n"
    "I'm an AI and cannot be there in person, but I'm still here. You can keep writing to me."
)


def helplines_for(country: str) -> QuerySet[Helpline]:
    """The verified lines of `country`; the international directory follows them."""
    return Helpline.objects.filter(
        Q(country=country.upper()) | Q(country=""), verified_on__isnull=False
    ).order_by("-country", "order", "name")


def answer(user: User, hit: CrisisHit) -> CrisisAnswer:
    """The fixed answer to `hit`, with the lines of the person's country."""
    opening = _ABOUT_ANOTHER if hit.about_another else _OPENINGS[hit.category]
    lines = list(helplines_for(user.country))
    said = [f"{line.name}: {_ways_in_words(line)}" for line in lines]
    text = "\n\n".join([opening, "You can talk to a person now:\n" + "\n".join(said), _STAY])
    html = render_to_string(
        "coaching/safety/answer.html",
        {"opening": opening.split("\n\n"), "lines": lines, "stay": _STAY.split("\n\n")},
    )
    return CrisisAnswer(text=text, html=html)


def _ways_in_words(line: Helpline) -> str:
    ways = []
    if line.phone:
        ways.append(f"call {line.phone}")
    if line.sms:
        ways.append(f"text {line.sms}")
    if line.url:
        ways.append(line.url)
    return f"{', '.join(ways)} ({line.hours})"


@transaction.atomic
def raise_alert(user: User, hit: CrisisHit, message_id: UUID) -> CrisisAlert:
    """Pauses everything unasked for the person and puts the alert into the staff's inbox.

    The same message raises one alert, however often it is screened.
    """
    now = timezone.now()
    alert, _ = CrisisAlert.objects.get_or_create(
        user=user,
        message_id=message_id,
        defaults={
            "category": hit.category,
            "raised_at": now,
            "paused_until": now + timedelta(days=settings.CRISIS_PAUSE_DAYS),
        },
    )
    return alert


def is_paused(user: User) -> bool:
    """Whether nudges, campaigns, teasing and rewards rest for this person."""
    return CrisisAlert.objects.filter(user=user, paused_until__gt=timezone.now()).exists()
