"""What is behind: tasks that are done, and tasks that were deleted and can be brought back."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.current import person
from productivity.models import Task, TaskStatus
from productivity.overview import moment_words, rows_of

PER_PAGE = 50


@login_required
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Everything that is done, the newest first."""
    user, now = person(request), timezone.now()
    rows = Task.objects.for_user(user).filter(parent=None, status=TaskStatus.COMPLETED)
    page = Paginator(
        rows.select_related("series").order_by("-completed_at", "-id"), PER_PAGE
    ).get_page(request.GET.get("page"))
    shown = [
        (row, moment_words(user, row.task.completed_at, now) if row.task.completed_at else "")
        for row in rows_of(user, list(page), now)
    ]
    return render(request, "productivity/done.html", {"page": page, "shown": shown, "tab": "done"})


@login_required
@require_GET
def deleted(request: HttpRequest) -> HttpResponse:
    """Everything that was deleted, the newest first."""
    user, now = person(request), timezone.now()
    rows = Task.objects.filter(user=user, deleted_at__isnull=False)
    page = Paginator(
        rows.select_related("parent").order_by("-deleted_at", "-id"), PER_PAGE
    ).get_page(request.GET.get("page"))
    shown = [(task, moment_words(user, task.deleted_at, now)) for task in page if task.deleted_at]
    return render(
        request, "productivity/deleted.html", {"page": page, "shown": shown, "tab": "list"}
    )
