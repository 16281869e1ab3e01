"""Bringing tasks from elsewhere, taking them elsewhere, and the calendar's address."""

import logging
import re
import secrets
import zlib
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis.exceptions import RedisError

from accounts.current import person
from accounts.models import User
from productivity.transfer import bringing, calendar_file, feed
from productivity.transfer.reading import MAX_BYTES, FileOfTasks, Unreadable, read

logger = logging.getLogger(__name__)
KEPT_SECONDS = 3600
# The longest part of a report that a page shows.
SHOWN_LINES = 500
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_PAGE = "productivity/transfer.html"
_LOST = "That took a while and I have let go of the file. Please choose it again."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """The form; with a file what it would make; with a yes, the import."""
    user = person(request)
    if request.method != "POST":
        return render(request, _PAGE, {})
    now = timezone.now()
    if token := request.POST.get("token", ""):
        return _bring_in(request, user, token, now)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Unreadable("Choose a file first.")
        data = upload.read(MAX_BYTES + 1)
        file = read(user, data, now=now)
    except Unreadable as problem:
        return render(request, _PAGE, {"error": str(problem)}, status=422)
    token = secrets.token_urlsafe(16)
    try:
        cache.set(_key(user, token), zlib.compress(data), KEPT_SECONDS)
    except (RedisError, OSError) as error:
        logger.warning("import_not_kept reason=%s", error)
        words = "I cannot hold on to a file right now. Please try again in a minute."
        return render(request, _PAGE, {"error": words}, status=503)
    report = bringing.preview(user, file)
    context = {"report": report, "lines": report.lines[:SHOWN_LINES], "token": token}
    return render(request, _PAGE, context)


def _bring_in(request: HttpRequest, user: User, token: str, now: datetime) -> HttpResponse:
    file = _kept(user, token, now)
    if file is None:
        return render(request, _PAGE, {"error": _LOST}, status=422)
    report = bringing.bring_in(user, file, now=now)
    if not report.new:
        messages.info(request, "All of this is here already.")
    context = {"report": report, "lines": report.lines[:SHOWN_LINES], "is_done": True}
    return render(request, _PAGE, context)


def _kept(user: User, token: str, now: datetime) -> FileOfTasks | None:
    # A token of ours and nothing else: it becomes the name of what is kept.
    if _TOKEN.fullmatch(token) is None:
        return None
    try:
        kept = cache.get(_key(user, token))
    except (RedisError, OSError):
        return None
    return read(user, zlib.decompress(kept), now=now) if kept is not None else None


def _key(user: User, token: str) -> str:
    return f"tasks-import:{user.pk}:{token}"


@login_required
@require_safe
def take(request: HttpRequest) -> HttpResponse:
    """All tasks as a calendar file."""
    response = HttpResponse(
        calendar_file.export(person(request)), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="habyss-tasks.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Whether there is an address for calendars, and since when."""
    return render(
        request, "productivity/transfer_calendar.html", {"feed": feed.feed_of(person(request))}
    )


@login_required
@require_POST
def new_calendar_address(request: HttpRequest) -> HttpResponse:
    """Makes a new address and shows it, this once."""
    user = person(request)
    token = feed.new_address(user, now=timezone.now())
    address = request.build_absolute_uri(reverse("tasks_feed", args=[token]))
    context = {"feed": feed.feed_of(user), "address": address}
    response = render(request, "productivity/transfer_calendar.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def end_calendar_address(request: HttpRequest) -> HttpResponse:
    """Ends the address."""
    if feed.revoke(person(request)):
        messages.success(request, "The address is gone. Calendars that had it read nothing more.")
    return redirect("tasks_calendar")


@require_safe
def read_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar file of whoever has the address; 304 while nothing changed."""
    now = timezone.now()
    user = feed.reader_of(token)
    if user is None:
        raise Http404
    version = feed.version_of(user, now=now)
    tag = quote_etag(version.tag)
    # Within the second of a change its time does not tell it from the next.
    changed = int(version.changed_at.timestamp())
    last_modified = changed if changed + 1 < now.timestamp() else None
    feed.note_reading(user, now=now)
    response = get_conditional_response(request, etag=tag, last_modified=last_modified)
    if response is None:
        response = HttpResponse(
            feed.contents(user, now=now), content_type="text/calendar; charset=utf-8"
        )
        response["Content-Disposition"] = 'inline; filename="habyss-tasks.ics"'
        if last_modified is not None:
            response["Last-Modified"] = http_date(last_modified)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
