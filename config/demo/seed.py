"""Writes the demo people through the same verbs the pages use, with dates before today."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.consent import set_consent
from accounts.day import local_day, local_moment
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import CoachingProfile, Conversation, Message, MessageRole, Preferences
from coaching.outreach import reminders
from config.demo import knowing, momentum, outreach, plan, productivity, story
from habits import completions
from habits.cadence import is_due
from habits.models import CompletionSource, CompletionStatus, Habit, HabitStack, MeasureKind

DEMO_EMAIL = "demo@habyss.example"
COACH_EMAIL = "coach@habyss.example"
ADMIN_EMAIL = "admin@habyss.example"
COACHES = "Coaches"


@dataclass(frozen=True)
class SignIn:
    """A person that was made, and how to sign in as them; the password is kept nowhere else."""

    role: str
    email: str
    password: str


def seed(*, random_seed: int = 1) -> list[SignIn]:
    """Makes those of the three demo people that are missing, each whole or not at all.

    The demo person's history follows from `random_seed` and today's date alone. Returns the sign-ins of the
    people made now: an empty list when all were there.
    """
    with transaction.atomic():
        made = [_staff(ADMIN_EMAIL, "Alex Admin", "Admin", is_superuser=True)]
        made.append(_staff(COACH_EMAIL, "Casey Coach", "Demo coach", is_superuser=False))
        if not User.objects.filter(email=DEMO_EMAIL).exists():
            made.append(_demo_person(*(random.Random(random_seed + part) for part in range(4))))
    return [sign_in for sign_in in reversed(made) if sign_in is not None]


def _new_person(email: str, name: str, **fields: Any) -> tuple[User, str]:
    password = secrets.token_urlsafe(9)
    user = User.objects.create_user(
        email, password, name=name, onboarded_at=timezone.now(), **fields
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user, password


def _staff(email: str, name: str, role: str, *, is_superuser: bool) -> SignIn | None:
    if User.objects.filter(email=email).exists():
        return None
    user, password = _new_person(email, name, is_staff=True, is_superuser=is_superuser)
    if not is_superuser:
        user.groups.add(_coaches())
    return SignIn(role, email, password)


def _coaches() -> Group:
    """The group of coaches: they may read about their own people, open the gate and answer an alert."""
    group, _ = Group.objects.get_or_create(name=COACHES)
    group.permissions.add(
        *Permission.objects.filter(
            Q(
                codename__startswith="view_",
                content_type__app_label__in=("accounts", "coaching", *settings.DOMAINS),
            )
            | Q(codename__in=("change_coachingprofile", "change_crisisalert"))
            | Q(codename__in=("add_visitadherencelog", "change_visitadherencelog"))
        )
    )
    return group


def _demo_person(
    chance: random.Random, luck: random.Random, mood: random.Random, work: random.Random
) -> SignIn:
    """`chance` makes what the person did; apart from it `luck` what the coach says unasked, `mood` how they were.

    `work` makes their tasks.
    """
    zone = _zone_of_this_machine()
    began = timezone.now() - timedelta(days=story.DAYS)
    user, password = _new_person(
        DEMO_EMAIL,
        "Sam Rivera",
        timezone=zone,
        country="US",
        birth_year=timezone.now().year - 34,
        starting_weight_kg=Decimal("78.5"),
        stated_goal=story.GOAL_IN_WORDS,
        coach=User.objects.get(email=COACH_EMAIL),
    )
    User.objects.filter(pk=user.pk).update(created_at=began, onboarded_at=began)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB, "Demo person")
    CoachingProfile.objects.get_or_create(user=user)
    Preferences.objects.get_or_create(user=user)
    today = local_day(user)
    talks = [_tell(user, talk, today) for talk in story.TALKS]
    first_day = today - timedelta(days=story.DAYS - 1)
    plan.accept_in_the_past(user, talks[0], first_day)
    for own in story.OWN_HABITS:
        _add(user, own, today)
    body = momentum.Body(mood)
    for days_ago in range(story.DAYS - 1, 0, -1):
        day = today - timedelta(days=days_ago)
        reached = days_ago <= story.REACHED_OUT_DAYS
        if reached:
            outreach.morning(user, day, luck)
        night = body.nights[days_ago]
        _live(user, day, days_ago, chance, night.lift)
        momentum.evening(user, day, days_ago, night, mood)
        knowing.live_day(user, day, days_ago)
        if reached:
            outreach.evening(user, day, luck)
    productivity.live(user, work)
    outreach.learn(user, timezone.now())
    knowing.look_back(user)
    momentum.look_back(user, body)
    _remind(user)
    return SignIn("Demo person", DEMO_EMAIL, password)


def _remind(user: User) -> None:
    """A reminder that is still to come, every Sunday evening."""
    reminders.set_reminder(
        user,
        "Look at the week ahead",
        at=local_moment(user, local_day(user), time(18)),
        weekdays=[6],
        idempotency_key="demo",
    )


def _zone_of_this_machine() -> str:
    """The zone the demo person lives in: whoever looks at the page should see their own day."""
    target = str(Path("/etc/localtime").resolve())
    name = target.partition("zoneinfo/")[2]
    return name if name in available_timezones() else "UTC"


def _add(user: User, own: story.OwnHabit, today: date) -> Habit:
    habit = Habit(
        user=user,
        name=own.name,
        category=own.category,
        tiny_version=own.tiny_version,
        starts_on=today - timedelta(days=own.began),
        **own.fields,
    )
    habit.full_clean()
    habit.save()
    if own.cue:
        sentence = f"After {own.cue}, I will {own.name[0].lower()}{own.name[1:]}."
        HabitStack.objects.create(habit=habit, cue=own.cue, sentence=sentence)
    return habit


def _live(user: User, day: date, days_ago: int, chance: random.Random, rested: float) -> None:
    """One day of the demo person: what was due, and what came of it after a good or a bad night."""
    plan.open_phases(user, day)
    ill = story.ILL_TO <= days_ago <= story.ILL_FROM
    away = story.AWAY_TO <= days_ago <= story.AWAY_FROM
    for habit in Habit.objects.for_user(user).active().filter(starts_on__lte=day).in_order():
        if not is_due(habit, day):
            continue
        if ill and habit.category == "fitness":
            completions.skip(user, habit, day, reason=story.SKIP_REASONS[0], source="web")
            continue
        settled = 1 - days_ago / story.DAYS  # 0 on the first day, 1 today: it gets easier
        likely = 0.62 + 0.26 * settled + (habit.enjoyment - habit.difficulty) * 0.1
        likely += 0.25 * (habit.goal_id is not None)  # the goal is what they care about
        likely += rested
        likely -= 0.3 * away + 0.08 * (day.weekday() >= 5)
        roll = chance.random()
        if roll < likely:
            _do(user, habit, day, chance)
        elif roll < likely + 0.07:
            reason = story.SKIP_REASONS[1] if away else story.SKIP_REASONS[2]
            completions.skip(user, habit, day, reason=reason, source="web")


def _do(user: User, habit: Habit, day: date, chance: random.Random) -> None:
    usual = habit.scheduled_time or {
        "morning": time(7, 30),
        "midday": time(12, 30),
        "evening": time(19, 0),
    }.get(habit.time_of_day, time(16, 0))
    at = local_moment(user, day, usual) + timedelta(minutes=chance.randint(-20, 45))
    value = None
    status = CompletionStatus.DONE
    if habit.measure != MeasureKind.YES_NO and habit.target_value is not None:
        value = Decimal(max(1, round(float(habit.target_value) * chance.uniform(0.6, 1.2))))
    elif chance.random() < 0.06:
        status = CompletionStatus.PARTIAL
    completions.complete(
        user,
        habit,
        day,
        status=status,
        value=value,
        note=chance.choice(story.NOTES) if chance.random() < 0.05 else "",
        source=chance.choice((CompletionSource.WEB, CompletionSource.WEB, CompletionSource.API)),
        at=at,
    )


def _tell(user: User, talk: story.Talk, today: date) -> Conversation:
    """A past conversation with its turns, a minute apart."""
    started = local_moment(user, today - timedelta(days=talk.days_ago), talk.at)
    conversation = Conversation.objects.create(
        user=user, title=talk.title, started_at=started, last_message_at=started
    )
    parent: Message | None = None
    count = 0
    for role, content, at in _turns(talk, started):
        parent = Message.objects.create(
            conversation=conversation,
            user=user,
            parent=parent,
            role=role,
            content=content,
            created_at=at,
            model="builtin/coach" if role == MessageRole.ASSISTANT else "",
        )
        conversation.last_message_at = at
        count += 1
    conversation.head = parent
    conversation.message_count = count
    conversation.save()
    return conversation


def _turns(talk: story.Talk, started: datetime) -> Iterator[tuple[str, str, datetime]]:
    at = started
    for said, answered in talk.turns:
        yield MessageRole.USER, said, at
        at += timedelta(seconds=20)
        yield MessageRole.ASSISTANT, answered, at
        at += timedelta(seconds=70)
