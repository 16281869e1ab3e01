"""The page of memories: read, told, confirmed, edited, forgotten; and the switch of learning."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.current import person
from accounts.models import User
from coaching import learning_permission
from coaching.memory import board, care, forget_everything, recall
from coaching.memory.board import Shelf
from coaching.models import EpisodicMemory

PAGE = 30
FOUND = 15
TITLES = {Shelf.KEPT: "Kept", Shelf.WAITING: "To confirm", Shelf.CLOSED: "No longer so"}


class TellForm(forms.Form):
    """Something to remember, or how a memory really is; the token makes a double click one memory."""

    text = forms.CharField(max_length=500, strip=True)
    token = forms.UUIDField(required=False)


@login_required
def memory_list(request: HttpRequest) -> HttpResponse:
    """One shelf of memories, or what fits a search; a POST tells another one."""
    user, now = person(request), timezone.now()
    form = TellForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        token = form.cleaned_data["token"] or uuid4()
        text = form.cleaned_data["text"]
        try:
            kept = care.tell(user, text, source_ref=f"told:{token}", now=now)
        except care.InCrisis as crisis:
            return _answered(request, user, crisis)
        messages.success(request, f"Saved: {kept.memory_description}")
        return _back(kept.pk)
    context = _context(request, user)
    if form is not None:
        context |= {"error": "Write it in one sentence.", "told": form["text"].value() or ""}
    return render(request, "coaching/memory/memories.html", context, status=422 if form else 200)


def _answered(request: HttpRequest, user: User, crisis: care.InCrisis) -> HttpResponse:
    """The page with the answer to words of a crisis, which are not kept."""
    context = _context(request, user) | {"answer": crisis.answer.html}
    return render(request, "coaching/memory/memories.html", context, status=422)


def _context(request: HttpRequest, user: User) -> dict[str, Any]:
    now = timezone.now()
    query = request.GET.get("q", "").strip().replace("\0", "")[:200]
    wanted = request.GET.get("show", "")
    shelf = Shelf(wanted) if wanted in set(Shelf) else Shelf.KEPT
    page = Paginator(board.memories_on(user, shelf, now=now), PAGE).get_page(
        request.GET.get("page")
    )
    if query:
        found = [hit.memory.pk for hit in recall(user, query, limit=FOUND, now=now)]
        rows = EpisodicMemory.objects.select_related("state").in_bulk(found)
        shown = [rows[pk] for pk in found if pk in rows]
    else:
        shown = list(page.object_list)
    counts = {Shelf.WAITING: board.memories_on(user, Shelf.WAITING, now=now).count()}
    return {
        "tab": "memories",
        "shelf": shelf,
        "shelves": [(each, TITLES[each], counts.get(each)) for each in Shelf],
        "query": query,
        "page": None if query else page,
        "entries": board.entries(user, shown, now=now),
        "total": EpisodicMemory.objects.filter(user=user).count(),
        "token": uuid4(),
        "may_learn": learning_permission.may_learn(user),
        "has_agreed": learning_permission.has_agreed(user),
    }


@login_required
@require_POST
def memory_settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answers whether a memory is right; the same answer twice is once."""
    user, now = person(request), timezone.now()
    if request.POST.get("is_right") == "yes":
        _own(lambda: care.say_right(user, pk, now=now))
        messages.success(request, "Good, I'll keep it.")
        return _back(pk)
    _own(lambda: care.decline(user, pk, now=now))
    undo = reverse("knows_memory_restore", args=[pk])
    messages.success(request, "I won't use it, and won't learn it again.", extra_tags=undo)
    return _back()


@login_required
@require_POST
def memory_restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a no back."""
    user, now = person(request), timezone.now()
    _own(lambda: care.restore(user, pk, now=now))
    return _back(pk)


@login_required
@require_POST
def memory_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Puts a memory into the person's own words."""
    user, now = person(request), timezone.now()
    form = TellForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write it in one sentence of at most 500 characters.")
        return _back(pk)
    try:
        _own(lambda: care.edit(user, pk, form.cleaned_data["text"], now=now))
    except care.InCrisis as crisis:
        return _answered(request, user, crisis)
    messages.success(request, "Changed. I'll go by your words.")
    return _back(pk)


@login_required
@require_POST
def memory_forget(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Deletes a memory for good."""
    user = person(request)
    _own(lambda: care.forget(user, pk))
    messages.success(request, "Forgotten, for good.")
    return _back()


@login_required
@require_POST
def memories_forget_all(request: HttpRequest) -> HttpResponse:
    """Deletes all memories for good."""
    count = forget_everything(person(request))
    messages.success(request, f"Forgotten: all {count}.")
    return _back()


@login_required
@require_POST
def learning(request: HttpRequest) -> HttpResponse:
    """Pauses or resumes learning."""
    learns = request.POST.get("learn") == "yes"
    learning_permission.set_learning(person(request), learns)
    messages.success(request, "I learn from what you tell me." if learns else "Learning is paused.")
    return _back()


def _own(act: Any) -> None:
    """Does something with a memory of the person; another's is as unknown as none."""
    try:
        act()
    except EpisodicMemory.DoesNotExist:
        raise Http404 from None


def _back(pk: UUID | None = None) -> HttpResponseRedirect:
    address = reverse("knows_memories")
    return HttpResponseRedirect(f"{address}#memory-{pk}" if pk else address)


urlpatterns: list[URLPattern] = [
    path("knows/memories/", memory_list, name="knows_memories"),
    path("knows/memories/forget/", memories_forget_all, name="knows_memories_forget_all"),
    path("knows/memories/<uuid:pk>/settle/", memory_settle, name="knows_memory_settle"),
    path("knows/memories/<uuid:pk>/restore/", memory_restore, name="knows_memory_restore"),
    path("knows/memories/<uuid:pk>/edit/", memory_edit, name="knows_memory_edit"),
    path("knows/memories/<uuid:pk>/forget/", memory_forget, name="knows_memory_forget"),
    path("knows/learning/", learning, name="knows_learning"),
]
