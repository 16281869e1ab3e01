"""Questions about people and their consent."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import OuterRef, Subquery

if TYPE_CHECKING:
    from accounts.models import Consent, User


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Reads the consent ledger."""

    def current(self, user: "User", kind: str) -> "Consent | None":
        """The newest decision of `user` about `kind`, or `None` if there is none yet."""
        return self.filter(user=user, kind=kind).order_by("-at", "-id").first()

    def is_granted(self, user: "User", kind: str) -> bool:
        """Whether `user` agrees to `kind` now; no decision means no."""
        newest = self.current(user, kind)
        return newest is not None and newest.granted

    def decision_of(self, user: str, kind: str) -> Subquery:
        """The same as a column of rows about people: `user` names the reference to the person."""
        newest = self.filter(user=OuterRef(user), kind=kind).order_by("-at", "-id")
        return Subquery(newest.values("granted")[:1])
