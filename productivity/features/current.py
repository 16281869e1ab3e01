"""What is known of a person now."""

from accounts.models import Consent, ConsentKind, User
from productivity.models import FeatureSnapshot


def snapshot_of(user: User) -> FeatureSnapshot | None:
    """The newest snapshot of a person who agrees to tracking. One query."""
    agreed = Consent.objects.decision_of("user_id", ConsentKind.BEHAVIORAL_TRACKING)
    mine = FeatureSnapshot.objects.filter(user=user).alias(agreed=agreed).filter(agreed=True)
    return mine.order_by("-date").first()
