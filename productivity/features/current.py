"""What is known of a person now."""

from accounts.models import User
from coaching.learning_permission import has_agreed
from productivity.models import FeatureSnapshot


def snapshot_of(user: User) -> FeatureSnapshot | None:
    """The newest snapshot of a person who agrees to tracking."""
    if not has_agreed(user):
        return None
    return FeatureSnapshot.objects.filter(user=user).order_by("-date").first()
