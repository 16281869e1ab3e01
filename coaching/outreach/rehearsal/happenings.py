"""What people, their coaches and campaigns do in the course of the month."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from uuid import UUID

from accounts.models import ConsentKind, User
from coaching.models import (
    CoachMessage,
    ConversationChannel,
    CrisisAlert,
    CrisisCategory,
    MessageCause,
    MessageChannel,
    Mute,
    NudgeDecision,
    Preferences,
    Reminder,
)
from coaching.outreach import outbox, reminders, stopping
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.routing import channel_of_choice
from coaching.toolkit import channel_for

from .breaches import Between, Since
from .people import Kind, Person, made_up_id
from .stage import DAY, Stage
from .truth import TIREDNESS_KEPT, WINDOW, Point, gap_at

HISTORY_DAYS = 28
ALL_WEEK = range(7)
CRISIS_PAUSE = timedelta(days=7)
CAMPAIGN = (
    "Sunday is for planning: look at your week for a minute.",
    "Sunday is for planning: look at your week for one minute!",
    "A look at your week on Sunday, for a minute, is planning.",
    "New in the library: three ways to make a hard morning lighter.",
    "You can now see your month as a chart, under Habits.",
)
CLOCK_TIMES = (time(7, 15), time(12, 0), time(18, 30), time(21, 45), time(23, 30), time(2, 30))


def before_the_month(stage: Stage) -> None:
    """What everybody did in the weeks before, and the reminders they have set."""
    rng = stage.rng
    for person in stage.people.values():
        for back in range(HISTORY_DAYS, 0, -1):
            midnight = stage.start - back * DAY
            if rng.random() < person.daily_rate(midnight, -back, stage.days):
                for at in _usual_moments(stage, person, midnight):
                    stage.record(person, "habit.completed", at)
    stage.write_ledger()
    Reminder.objects.bulk_create(
        _reminder(stage, person)
        for person in stage.people.values()
        if rng.random() < stage.chances.has_reminder
    )


def _reminder(stage: Stage, person: Person) -> Reminder:
    clock = stage.rng.choice(CLOCK_TIMES)
    days = sorted(stage.rng.sample(ALL_WEEK, stage.rng.choice([2, 3, 5])))
    return Reminder(
        user=person.user,
        text="Take the dog out",
        remind_at=reminders.next_occurrence(stage.start, clock, days, person.life.zone),
        weekdays=days,
        local_time=clock,
        idempotency_key="rehearsed",
        created_at=stage.start,
    )


def _usual_moments(stage: Stage, person: Person, midnight: datetime) -> Iterator[datetime]:
    """One to three moments around the person's usual hour of a day."""
    rng = stage.rng
    local = datetime.combine(midnight.astimezone(person.life.zone).date(), time(0))
    for _ in range(rng.randint(1, 3)):
        hour = min(23.5, max(5.0, rng.gauss(person.usual_hour, 1.5)))
        moment = (local + timedelta(hours=hour)).replace(tzinfo=person.life.zone)
        yield moment.astimezone(stage.start.tzinfo)


def plan_month(stage: Stage) -> None:
    """What turns a month: crises, stops, pauses, closed accounts, campaigns."""
    rng, chances = stage.rng, stage.chances
    for person in stage.people.values():

        def sometime(first: float, last: float) -> datetime:
            return stage.start + rng.uniform(first, last) * stage.days * DAY

        if person.kind == Kind.CRISIS:
            stage.at(sometime(0.2, 0.6), partial(_crisis, stage, person))
        if person.kind == Kind.STOPPER:
            said = sometime(0.2, 0.6)
            words = rng.choice(["STOP", "Stop.", "please stop texting me"])
            stage.at(said, partial(_writes_by_text, stage, person, words))
            if rng.random() < 0.5:
                stage.at(said + 7 * DAY, partial(_writes_by_text, stage, person, "START"))
        if rng.random() < chances.paused_by_staff:
            stage.at(sometime(0.2, 0.7), partial(_pause, stage, person))
        if rng.random() < chances.closes_account:
            stage.at(sometime(0.5, 0.9), partial(_close, stage, person))
        if rng.random() < chances.mutes_something:
            stage.at(sometime(0.1, 0.7), partial(_mute, stage, person))
    for day in range(1, stage.days, chances.campaign_every_days):
        at = stage.start + day * DAY + timedelta(hours=rng.randint(0, 23))
        stage.at(at, partial(_campaign, stage, f"campaign-{day}"))


def plan_day(stage: Stage) -> None:
    """What the next day holds for everybody."""
    rng, chances, day = stage.rng, stage.chances, stage.day()
    for person in stage.people.values():
        if rng.random() < person.daily_rate(stage.now, day, stage.days):
            for at in _usual_moments(stage, person, stage.now):
                if at >= stage.now:
                    stage.at(at, partial(_open, stage, person))

        def later() -> datetime:
            return stage.now + rng.random() * DAY

        if rng.random() < chances.coach_writes:
            stage.at(later(), partial(_coach_writes, stage, person, f"coach-{day}"))
        if rng.random() < chances.coach_calls:
            stage.at(later(), partial(_coach_calls, stage, person, f"call-{day}"))
        if rng.random() < chances.hook:
            stage.at(later(), partial(_hook, stage, person, f"hook-{day}"))


def _open(stage: Stage, person: Person) -> None:
    stage.record(person, "app.opened", stage.now)


# --- What happens to one person ---------------------------------------------------------------------


def _crisis(stage: Stage, person: Person) -> None:
    until = stage.now + CRISIS_PAUSE
    CrisisAlert.objects.create(
        user=person.user,
        message_id=made_up_id(stage.rng),
        category=CrisisCategory.SUICIDE,
        raised_at=stage.now,
        paused_until=until,
    )
    person.life.crises.append(Between(stage.now, until))


def _writes_by_text(stage: Stage, person: Person, words: str) -> None:
    """STOP ends texts and calls at the least; START brings texts back."""
    wish = stopping.read_wish(words)
    if wish is None:
        raise AssertionError(f"{words!r} was not understood.")
    stopping.heed(person.user, wish, source=ConversationChannel.SMS, now=stage.now)
    starts = words == "START"
    ended = [ConsentKind.SMS] if starts else [ConsentKind.SMS, ConsentKind.CALLS]
    for kind in ended:
        person.life.consents.setdefault(str(kind), []).append(Since(stage.now, starts))


def _pause(stage: Stage, person: Person) -> None:
    """Staff pause everything automatic for five days."""
    User.objects.filter(pk=person.user.pk).update(automation_paused_at=stage.now)
    until = stage.now + 5 * DAY
    person.life.paused.append(Between(stage.now, until))
    stage.at(until, partial(_resume, person))


def _resume(person: Person) -> None:
    User.objects.filter(pk=person.user.pk).update(automation_paused_at=None)


def _close(stage: Stage, person: Person) -> None:
    User.objects.filter(pk=person.user.pk).update(deleted_at=stage.now)
    person.life.closed.append(Between(stage.now))


def _mute(stage: Stage, person: Person) -> None:
    """Half mute what nudges are about, the others turn the morning brief off."""
    if stage.rng.random() < 0.5:
        Mute.objects.create(
            user=person.user,
            subject_type="rehearsal.practice",
            subject_id=person.subject,
            created_at=stage.now,
        )
        person.life.subjects_muted[person.subject] = [Between(stage.now)]
    else:
        Preferences.objects.filter(user=person.user).update(morning_brief_enabled=False)
        person.life.causes_off["brief"] = [Between(stage.now)]


# --- What is written to people ----------------------------------------------------------------------


def _channels(stage: Stage, person: Person) -> list[str]:
    """The channels a campaign may try: also those the person did not agree to."""
    return sorted(person.reached_by - {MessageChannel.CALL})


def _campaign(stage: Stage, name: str) -> None:
    """A burst: to half of everybody five messages at once, three of them nearly the same, one twice."""
    for person in stage.people.values():
        if stage.rng.random() >= stage.chances.campaign_reaches:
            continue
        for number, body in enumerate(CAMPAIGN):
            channels = [stage.rng.choice(_channels(stage, person))]
            if number == len(CAMPAIGN) - 1:
                channels = [MessageChannel.IN_APP, MessageChannel.PUSH]
            for channel in channels:
                outbox.compose(
                    person.user,
                    channel=channel,
                    cause=MessageCause.CAMPAIGN,
                    cause_key=f"{name}:{number}",
                    body=body,
                    now=stage.now,
                    expires_at=stage.now + timedelta(hours=36),
                )


def _coach_writes(stage: Stage, person: Person, key: str) -> None:
    """The coach writes by hand; every third text is a draft that waits for approval."""
    draft = stage.rng.random() < 1 / 3
    message = outbox.compose(
        person.user,
        channel=stage.rng.choice(_channels(stage, person)),
        cause=MessageCause.COACH,
        cause_key=key,
        body=f"How did it go since we talked? I thought of you on day {stage.day() + 1}.",
        now=stage.now,
        expires_at=stage.now + 3 * DAY,
        author=None if draft else stage.staff,
        needs_approval=draft,
    )
    if draft:
        stage.at(stage.now + timedelta(hours=2), partial(_look_over, stage, message))


def _look_over(stage: Stage, message: CoachMessage) -> None:
    decide = outbox.approve if stage.rng.random() < 0.8 else outbox.reject
    decide(message, stage.staff, now=stage.now)


def _coach_calls(stage: Stage, person: Person, key: str) -> None:
    if channel_for(MessageChannel.CALL) is None:
        return
    outbox.compose(
        person.user,
        channel=MessageChannel.CALL,
        cause=MessageCause.COACH,
        cause_key=key,
        body="A call about your week.",
        now=stage.now,
        expires_at=stage.now + 2 * DAY,
    )


def _hook(stage: Stage, person: Person, key: str) -> None:
    outbox.compose(
        person.user,
        channel=stage.rng.choice(_channels(stage, person)),
        cause=MessageCause.HOOK,
        cause_key=key,
        body=f"Something new waits for you: milestone {stage.day()} of your sequence is in reach.",
        now=stage.now,
        expires_at=stage.now + timedelta(hours=12),
    )


# --- How people answer ------------------------------------------------------------------------------


def live_through(stage: Stage, decision: NudgeDecision) -> None:
    """Lets come true what the true odds say of one decision point."""
    person = stage.people[decision.user_id]
    day = stage.day()
    point = Point(
        person=person.user.pk,
        available=decision.is_available,
        lot=stage.rng.random(),
        until=stage.now + WINDOW,
        without=person.odds_without(stage.now, day, stage.days),
        effect=partial(person.effect, stage.now, gap_at(person, stage.now), person.has_lapsed(day)),
        tiredness=person.tiredness,
    )
    person.tiredness *= TIREDNESS_KEPT
    stage.points.append(point)
    if decision.is_available:
        point.price = NUMBERS.burden_price * _burden(stage, person, decision)
    if decision.sent and decision.message_id is not None:
        stage.hoping[decision.message_id] = point
    if point.lot < point.without:
        _will_do(stage, person, point)


def _burden(stage: Stage, person: Person, decision: NudgeDecision) -> int:
    """What a message costs on the channel it went by, else on the one the person was last written to."""
    if decision.message_id is not None or person.nudged_by is None:
        person.nudged_by = channel_of_choice(person.user, MessageCause.NUDGE, now=stage.now)
    channel = channel_for(person.nudged_by)
    return channel.burden if channel else 0


def _will_do(stage: Stage, person: Person, point: Point) -> None:
    at = stage.now + stage.rng.uniform(0.1, 0.9) * (point.until - stage.now)
    stage.at(at, partial(_do, stage, person, point))


def _do(stage: Stage, person: Person, point: Point) -> None:
    """Does it once a day, if the odds still say so: an ill-timed message may have spoilt it."""
    day = person.life.local_day(stage.now)
    if point.lot < point.odds and day not in person.done_on and stage.now < point.until:
        person.done_on[day] = stage.now
        stage.record(person, "habit.completed", stage.now)


def answer(stage: Stage, message: CoachMessage) -> None:
    """What a person does about a message that has just come."""
    person = stage.people.get(message.user_id)
    if person is None:
        return
    for said in _said_by(message):
        point = stage.hoping.pop(said, None)
        if point is not None and stage.now < point.until:
            point.spoke = True
            person.tiredness += 1
            if point.without <= point.lot < point.odds:
                _will_do(stage, person, point)
    day, rng = stage.day(), stage.rng
    lapsed = person.has_lapsed(day)
    if (
        lapsed
        and message.cause == MessageCause.CHECK_IN
        and rng.random() < stage.chances.comes_back
    ):
        person.revived_on = day + 1
    if rng.random() < stage.chances.reads * (0.05 if lapsed else 1.0):
        at = stage.now + timedelta(minutes=min(rng.expovariate(1 / 40), 600))
        stage.at(
            at, partial(_read, stage, person, message.pk, rng.random() < stage.chances.follows)
        )


def _said_by(message: CoachMessage) -> list[UUID]:
    """The message itself, or what was put together in it."""
    parts = (
        list(message.parts.values_list("pk", flat=True))
        if message.cause == MessageCause.DIGEST
        else []
    )
    return [message.pk, *parts]


def _read(stage: Stage, person: Person, message: UUID, follows: bool) -> None:
    row = CoachMessage.objects.filter(pk=message)
    if follows:
        row.update(read_at=stage.now, engaged_at=stage.now)
        stage.followed.add(message)
    else:
        row.update(read_at=stage.now)
    stage.read.add(message)
    stage.record(person, "app.opened", stage.now)
