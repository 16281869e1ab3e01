"""Settings: taking one's data along, and being forgotten."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import erasure
from accounts.current import person
from accounts.downloads import export_file
from accounts.models import DataRequest, DataRequestKind, DataRequestState, User
from accounts.tasks import start_export

SHOWN_EXPORTS = 5


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/privacy.html", _exports(person(request)))


@login_required
@require_safe
def exports_list(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that waits for an export."""
    return render(request, "accounts/exports.html", _exports(person(request)))


@login_required
@require_POST
def ask_export(request: HttpRequest) -> HttpResponse:
    start_export(person(request))
    messages.success(request, "Your export is being prepared. It takes a minute or so.")
    return redirect("settings_privacy")


@login_required
@require_safe
def download(request: HttpRequest, pk: UUID) -> FileResponse:
    """The zip file, for its owner; anybody else gets 404."""
    return export_file(get_object_or_404(DataRequest, pk=pk, user=person(request)))


@login_required
def erase(request: HttpRequest) -> HttpResponse:
    """Asks once whether it is meant; the POST marks the account and signs out everywhere."""
    if request.method == "POST":
        erasure.ask(person(request))
        logout(request)
        messages.success(
            request,
            f"Your account will be erased in {settings.ERASURE_GRACE_DAYS} days. "
            "Signing in before then takes it back. Thank you for the time together.",
        )
        return redirect("account_login")
    return render(request, "accounts/erase.html", {"days": settings.ERASURE_GRACE_DAYS})


def _exports(user: User) -> dict[str, object]:
    rows = DataRequest.objects.filter(user=user, kind=DataRequestKind.EXPORT)
    shown = list(rows.order_by("-id")[:SHOWN_EXPORTS])
    pending = {DataRequestState.ASKED, DataRequestState.RUNNING}
    return {
        "exports": shown,
        "waiting": any(row.state in pending for row in shown),
        "keep_days": settings.EXPORT_KEEP_DAYS,
    }
