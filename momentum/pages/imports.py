"""Bringing a file of health data: the page, its progress, its result."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from momentum.biometrics.importing import jobs
from momentum.biometrics.importing.files import MEGABYTE
from momentum.biometrics.importing.summary import summary_of
from momentum.models import HealthImport, ImportStatus
from momentum.tasks import start_import

SHOWN = 30
# Small enough to see a bar move and to lose little with a line, large enough not to ask all the time.
PIECE = 4 * MEGABYTE
WITHOUT_SCRIPT = (
    "Without scripts I can take a file of up to {limit} MB. With scripts turned on in your browser, a larger one "
    "comes in pieces. Or ask whoever runs this house to read it: manage.py import_health FILE --user {email}"
)


@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """What can be brought and how to get it, the form, and all that was brought before."""
    if request.method == "POST":
        return _take_in(request)
    return _page(request)


@login_required
@require_GET
def one_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far one import is, and what it found; asked by htmx, only that part."""
    row = get_object_or_404(HealthImport.objects.filter(user=person(request)), pk=pk)
    part = bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(
        request,
        "momentum/imports/progress.html" if part else "momentum/imports/one.html",
        {"import": row, "summary": summary_of(row), "tab": "import"},
    )


@login_required
@require_POST
def forget(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes an import off the list; one that is being read stops."""
    row = get_object_or_404(HealthImport.objects.filter(user=person(request)), pk=pk)
    jobs.remove(row)
    messages.success(request, "Gone from the list. The days it told of stay.")
    return redirect("momentum_import")


def _take_in(request: HttpRequest) -> HttpResponse:
    user = person(request)
    try:
        jobs.check_free(user)
        upload = request.FILES.get("file")
        if upload is None:
            raise jobs.ImportRefused(422, "no_file", "Choose a file first.")
        try:
            jobs.check_whole(int(upload.size or 0))
        except jobs.ImportRefused as refusal:
            words = WITHOUT_SCRIPT.format(limit=settings.HEALTH_IMPORT_WHOLE_MB, email=user.email)
            raise jobs.ImportRefused(refusal.status, refusal.code, words) from None
        with upload:
            row = start_import(user, upload, str(upload.name))
    except jobs.ImportRefused as refusal:
        return _page(request, error=str(refusal), status=refusal.status)
    return redirect("momentum_import_one", row.pk)


def _page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    rows = HealthImport.objects.filter(user=person(request)).order_by("-created_at")[:SHOWN]
    listed = [(row, summary_of(row)) for row in rows]
    receiving = next((row for row in rows if row.status == ImportStatus.RECEIVING), None)
    return render(
        request,
        "momentum/imports/list.html",
        {
            "imports": listed,
            "error": error,
            "is_busy": any(summary.is_open and not summary.is_receiving for _, summary in listed),
            "receiving": receiving and (receiving, summary_of(receiving)),
            "most_gigabytes": settings.HEALTH_IMPORT_MAX_MB / 1024,
            "most_whole": settings.HEALTH_IMPORT_WHOLE_MB,
            "piece": PIECE,
            "tab": "import",
        },
        status=status,
    )
