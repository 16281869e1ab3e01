"""Ending e-mails from the e-mail itself: a link that needs no sign-in, and one click of the mail program.

The link carries the person's id under this site's signature (RFC 8058 asks for an address nobody can guess).
Whoever holds it can end that person's e-mails, learns nothing of them, and can do nothing else.
"""

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User

ONE_CLICK = ("List-Unsubscribe", "One-Click")
_signer = Signer(salt="coaching.outreach.unsubscribing", sep=".")


def unsubscribe_path(user: User) -> str:
    """The path of this site under which `user` ends their e-mails; the same in every e-mail."""
    return reverse("unsubscribe", args=[_signer.sign(user.pk.hex)])


def person_behind(token: str) -> User | None:
    """Whom a token is about; `None` for one that this site did not sign, or for somebody who is gone."""
    try:
        pk = UUID(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return User.objects.filter(pk=pk).first()


def end_emails(user: User, evidence: str) -> None:
    """Withdraws the consent to e-mails; saying it twice is saying it once."""
    set_consent(user, ConsentKind.EMAIL, False, ConsentSource.WEB, evidence)


# Mail programs post without a cookie and without a page that could have given them a token (RFC 8058).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, because programs follow links on their own; POST ends the e-mails."""
    user = person_behind(token)
    if user is None:
        return _page(request, "unknown", status=404)
    if request.method != "POST":
        return _page(request, "ask")
    name, value = ONE_CLICK
    by_program = request.POST.get(name) == value
    end_emails(
        user,
        "One-click unsubscribe of the mail program."
        if by_program
        else "“Stop all e-mails”, on the page that an e-mail links to.",
    )
    return _page(request, "done")


def _page(request: HttpRequest, said: str, status: int = 200) -> HttpResponse:
    return render(request, "coaching/outreach/unsubscribe.html", {"said": said}, status=status)


urlpatterns = [path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe")]
