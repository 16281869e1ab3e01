"""How a page answers a change: with the list as it is now for htmx, else with a redirect and a message."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.current import person
from accounts.models import User
from productivity.models import ChangeSource, Priority, Task
from productivity.overview import BY_KEY, Wanted, board, rows_of
from productivity.scheduling.capacity import capacity

WEB = ChangeSource.WEB
LONGEST_QUERY = 100
MOST_PAGES = 10_000


def is_fragment(request: HttpRequest) -> bool:
    """Whether the answer goes into a page instead of being one."""
    return request.headers.get("HX-Request") == "true"


def on_the_list(request: HttpRequest) -> bool:
    """Whether htmx asks from the list of tasks, which it can replace."""
    return is_fragment(request) and _current(request).path == reverse("tasks")


def own_task(request: HttpRequest, pk: UUID) -> tuple[User, Task]:
    """The signed-in person and their task; 404 for another's, and for one that is deleted."""
    user = person(request)
    rows = Task.objects.for_user(user).select_related("series", "parent")
    return user, get_object_or_404(rows, pk=pk)


def wanted_of(given: QueryDict) -> Wanted:
    """What the address asks of the list; what makes no sense is left out."""
    priority = given.get("priority", "")
    page = given.get("page", "")
    group = given.get("group", "")
    return Wanted(
        query=_clean(given.get("q", ""))[:LONGEST_QUERY],
        category=_clean(given.get("category", "")).lower()[:40],
        priority=int(priority) if priority in {str(value) for value in Priority.values} else None,
        by_urgency=given.get("sort") == "urgency",
        group=group if group in BY_KEY else "",
        page=max(1, min(MOST_PAGES, int(page))) if page.isascii() and page.isdigit() else 1,
    )


def list_context(request: HttpRequest, given: QueryDict) -> dict[str, Any]:
    """Everything that `productivity/list.html` shows."""
    user, now = person(request), timezone.now()
    shown = board(user, wanted_of(given), now)
    is_whole = not shown.wanted.is_narrowed and not shown.wanted.group
    return {
        "board": shown,
        "links": {
            "more": _without(given, "group", "page"),
            "category": _without(given, "category", "group", "page"),
        },
        "capacity": capacity(user, now=now) if is_whole and shown.total else None,
        "priorities": Priority.choices,
        "client_id": uuid4().hex,
        "tab": "list",
    }


def answer(
    request: HttpRequest,
    said: str = "",
    *,
    undo: UUID | None = None,
    is_error: bool = False,
    back: str = "",
) -> HttpResponse:
    """Says what was done, with a way back when `undo` names the change; on the list by replacing it."""
    way_back = undo_address(undo)
    if on_the_list(request):
        context = list_context(request, QueryDict(_current(request).query))
        return fragment(
            request,
            "productivity/answer.html",
            {**context, "said": said, "undo": way_back, "is_error": is_error},
        )
    if is_error:
        messages.error(request, said)
    elif said:
        messages.success(request, said, extra_tags=way_back)
    return _back(request, back)


def fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A piece of the page; the address in the browser stays, so that back and reload mean what they meant."""
    response = render(request, template, context)
    response["HX-Push-Url"] = "false"
    return response


def changed_by(task: Task) -> UUID | None:
    """What `history.undo` takes to put back what was just done; nothing if it changed nothing."""
    change: UUID | None = getattr(task, "change_id", None)
    return change


def undo_address(change: UUID | None) -> str:
    """Where a change is taken back; empty without one."""
    return reverse("task_undo", args=[change]) if change else ""


def row_answer(request: HttpRequest, user: User, task: Task) -> HttpResponse:
    """One row as it is now, with the counts of the list."""
    now = timezone.now()
    [row] = rows_of(user, [task], now)
    context = {"row": row, "board": board(user, Wanted(), now)}
    return render(request, "productivity/row_answer.html", context)


def _back(request: HttpRequest, back: str) -> HttpResponse:
    target = request.POST.get("next") or back or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(target)  # `redirect` would take a plain word for a view's name
    return redirect("tasks")


def _current(request: HttpRequest) -> Any:
    return urlsplit(request.headers.get("HX-Current-URL", ""))


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()


def _without(given: QueryDict, *names: str) -> str:
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    return f"?{kept.urlencode()}&" if kept else "?"
