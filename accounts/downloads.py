"""Handing a finished export to its owner."""

from django.http import FileResponse, Http404
from django.utils import timezone

from accounts.models import DataRequest, DataRequestKind, DataRequestState


def export_file(request: DataRequest) -> FileResponse:
    """The zip file as a download; raises `Http404` when it is not there yet or not any more."""
    is_over = request.expires_at is None or request.expires_at <= timezone.now()
    if (
        request.kind != DataRequestKind.EXPORT
        or request.state != DataRequestState.READY
        or is_over
        or not request.file.storage.exists(str(request.file.name))
    ):
        raise Http404
    name = f"habyss-{request.asked_at:%Y-%m-%d}.zip"
    response = FileResponse(request.file.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response
