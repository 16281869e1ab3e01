"""The receipts under messages in the chat: right, edit, forget, with script in place and without it as forms."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.current import person
from accounts.models import User
from coaching.memory import care
from coaching.memory.receipts import receipt_of
from coaching.memory.remembering import UnstorableMemory
from coaching.models import EpisodicMemory, Message

LONGEST = 500


@login_required
@require_POST
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of: right, wrong, edit (with `text`), forget. Another person's memory is as unknown as none."""
    try:
        return _done(request, person(request), pk)
    except EpisodicMemory.DoesNotExist:
        raise Http404 from None


def _done(request: HttpRequest, user: User, pk: UUID) -> HttpResponse:
    now = timezone.now()
    memory = EpisodicMemory.objects.select_related("state").get(pk=pk, user=user)
    done = ""
    match request.POST.get("do"):
        case "right":
            memory = care.say_right(user, pk, now=now)
        case "wrong":
            memory = care.decline(user, pk, now=now)
            done = "I won't use it, and won't learn it again."
        case "edit":
            text = request.POST.get("text", "").strip()[:LONGEST]
            try:
                memory = care.edit(user, pk, text, now=now)
            except (UnstorableMemory, care.InCrisis) as error:
                return HttpResponse(str(error), status=422, content_type="text/plain")
        case "forget":
            care.forget(user, pk)
            done = "Forgotten, for good."
        case _:
            return HttpResponse("Say what to do.", status=422, content_type="text/plain")
    if request.headers.get("HX-Request"):
        context = {"receipt": receipt_of(memory) if not done else None, "done": done}
        return render(request, "coaching/memory/_receipt.html", context)
    if done:
        messages.success(request, done)
    return _back(memory)


def _back(memory: EpisodicMemory) -> HttpResponseRedirect:
    """To the message it came from."""
    source = Message.objects.filter(pk__in=[memory.source_id], user=memory.user_id).first()
    if source is None:
        return HttpResponseRedirect(reverse("knows_memories"))
    talk = reverse("coach_conversation", args=[source.conversation_id])
    return HttpResponseRedirect(f"{talk}#message-{source.pk}")


urlpatterns: list[URLPattern] = [
    path("coach/memories/<uuid:pk>/receipt/", receipt, name="memory_receipt"),
]
