"""Bringing habits from Loop Habit Tracker: choose the file, look at what it makes, say yes."""

import re
import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.current import person
from accounts.models import User
from habits import loop_import

KEPT_SECONDS = 3600
# What waits for a yes lies in the cache: exports of many years stay far below this.
MAX_KEPT = 8 * 1024 * 1024

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@login_required
def loop(request: HttpRequest) -> HttpResponse:
    """The form; with a file what it would make; with a yes, the import."""
    user = person(request)
    if request.method != "POST":
        return render(request, "habits/loop_import.html", {})
    if token := request.POST.get("token", ""):
        return _bring_in(request, user, token)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise loop_import.LoopUnreadable("Choose a file first.")
        export = loop_import.read_upload(upload, upload.size or 0)
        kept = loop_import.packed(export)
        if len(kept) > MAX_KEPT:
            raise loop_import.LoopUnreadable("This export is larger than I can show here.")
    except loop_import.LoopUnreadable as problem:
        return render(request, "habits/loop_import.html", {"error": str(problem)}, status=422)
    token = secrets.token_urlsafe(16)
    cache.set(_key(user, token), kept, KEPT_SECONDS)
    report = loop_import.preview(user, export)
    return render(request, "habits/loop_import.html", {"report": report, "token": token})


def _bring_in(request: HttpRequest, user: User, token: str) -> HttpResponse:
    # A token of ours and nothing else: it becomes the name of what is kept.
    is_ours = TOKEN.fullmatch(token) is not None
    kept = cache.get(_key(user, token)) if is_ours else None
    if kept is None:
        error = "That took a while and I have let go of the file. Please choose it again."
        return render(request, "habits/loop_import.html", {"error": error}, status=422)
    report = loop_import.bring_in(user, loop_import.unpacked(kept))
    cache.delete(_key(user, token))
    if refused := [each.name for each in report.habits if each.refused]:
        messages.error(request, f"There was no room for {len(refused)} of them.")
    messages.success(
        request, f"{report.new_habits} habits and {report.new_days:,} days are here now."
    )
    return redirect("habits")


def _key(user: User, token: str) -> str:
    return f"loop-import:{user.pk}:{token}"
