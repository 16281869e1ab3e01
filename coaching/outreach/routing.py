"""On which channel to reach a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.consent import consent_states
from accounts.models import ConsentKind, User
from coaching.models import InteractionPattern, MessageCause, MessageChannel, Preferences
from coaching.toolkit import channel_for

# What was learned longer ago than this says nothing about today.
LEARNED_HOLDS_FOR = timedelta(days=30)
# Nobody is called unasked for these because calls worked once; whoever wants that chooses it.
TOO_LIGHT_FOR_A_CALL = {
    MessageCause.NUDGE,
    MessageCause.HOOK,
    MessageCause.CHECK_IN,
    MessageCause.BRIEF,
    MessageCause.DIGEST,
}


def channel_of_choice(user: User, cause: MessageCause, *, now: datetime) -> MessageChannel:
    """The channel for a message of `cause` to `user`, as of `now`.

    What the person chose comes first, then what was learned to work, then push; each only when it reaches
    them and they agreed to it. The app itself always does.
    """
    agreed = {state.kind for state in consent_states(user) if state.granted}
    for wish in _wishes(user, cause, agreed, now):
        declared = channel_for(wish)
        if declared is None or (declared.consent and declared.consent not in agreed):
            continue
        if declared.reaches(user):
            return MessageChannel(wish)
    return MessageChannel.IN_APP


def _wishes(
    user: User, cause: MessageCause, agreed: set[ConsentKind], now: datetime
) -> Iterator[str]:
    chosen = Preferences.objects.filter(user=user).exclude(preferred_channel="")
    yield from chosen.values_list("preferred_channel", flat=True)
    if ConsentKind.BEHAVIORAL_TRACKING in agreed:
        learned = InteractionPattern.objects.filter(
            user=user, last_analyzed_at__gt=now - LEARNED_HOLDS_FOR
        ).exclude(preferred_communication_channel="")
        if cause in TOO_LIGHT_FOR_A_CALL:
            learned = learned.exclude(preferred_communication_channel=MessageChannel.CALL)
        yield from learned.values_list("preferred_communication_channel", flat=True)
    yield MessageChannel.PUSH
