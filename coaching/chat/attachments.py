"""Files a person shares with the coach: checked by what they are, not by what they are called; private."""

import csv
import io
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePath
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User
from coaching.agent.runs import Refused, not_found
from coaching.models import Attachment

UNSENT_KEPT = timedelta(days=1)
SWEPT_AT_ONCE = 500
MAX_PIXELS = 50_000_000
MAX_SIDE = 4096
MAX_TEXT = 50_000
PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
WORDS = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
}
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
}
logger = logging.getLogger(__name__)


def attach(user: User, upload: UploadedFile) -> Attachment:
    """Keeps an uploaded file for the person's next message. Raises `Refused` 400, 413 or 415.

    Pictures are written anew, which leaves place, camera and every other note in them behind.
    """
    if not upload.size:
        raise Refused(400, "empty", "This file is empty.")
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        limit = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
        raise Refused(413, "too_large", f"A file has at most {limit} MB.")
    name = PurePath((upload.name or "file").replace("\\", "/")).name[:200].replace("\0", "")
    data = upload.read()
    data, kind, text = _understood(name, data)
    attachment = Attachment(
        user=user, name=name, type=kind, size=len(data), extracted_text=text[:MAX_TEXT]
    )
    attachment.file.save(f"{uuid4().hex}{SUFFIXES[kind]}", ContentFile(data), save=False)
    attachment.save()
    return attachment


def sweep_unsent(*, now: datetime) -> int:
    """Deletes files that were uploaded and not sent within `UNSENT_KEPT`; returns how many."""
    with transaction.atomic():
        left = Attachment.objects.select_for_update(skip_locked=True).filter(
            message__isnull=True, created_at__lt=now - UNSENT_KEPT
        )[:SWEPT_AT_ONCE]
        files = {attachment.pk: attachment.file for attachment in left}
        Attachment.objects.filter(pk__in=files).delete()
        transaction.on_commit(lambda: _delete(files.values()))
    return len(files)


def own_attachment(user: User, attachment_id: UUID) -> Attachment:
    """The person's file; raises `Refused` 404."""
    found = Attachment.objects.filter(pk=attachment_id, user=user).first()
    if found is None:
        raise not_found()
    return found


def served(attachment: Attachment) -> FileResponse:
    """The file for its owner: pictures to look at, everything else to download, nothing to run."""
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        raise not_found() from None
    response = FileResponse(
        content,
        as_attachment=attachment.type not in PICTURES.values(),
        filename=attachment.name,
        content_type=attachment.type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _delete(files: Iterable[FieldFile]) -> None:
    for file in files:
        file.storage.delete(str(file.name))


def _understood(name: str, data: bytes) -> tuple[bytes, str, str]:
    """What is to be kept of `data`, its type by content, and the text that can be read in it."""
    if data.startswith(b"%PDF-"):
        return data, "application/pdf", ""
    picture = _clean_picture(data)
    if picture is not None:
        return *picture, ""
    kind = WORDS.get(PurePath(name).suffix.lower(), "text/plain")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unknown() from None
    if any(ord(character) < 32 and character not in "\t\n\r\f" for character in text[:10_000]):
        raise _unknown()
    return text.encode(), kind, _table(text) if kind == "text/csv" else text


def _clean_picture(data: bytes) -> tuple[bytes, str] | None:
    try:
        with Image.open(io.BytesIO(data), formats=list(PICTURES)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused(413, "too_large", "This picture has too many pixels.")
            kind = str(picture.format)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
            if kind == "JPEG" and upright.mode not in ("L", "RGB"):
                upright = upright.convert("RGB")
            bare = Image.new(upright.mode, upright.size)
            if upright.palette is not None:
                bare = upright.convert("RGBA")
            else:
                bare.paste(upright)
            if kind == "GIF":
                kind, bare = "PNG", bare.convert("RGBA")
            out = io.BytesIO()
            bare.save(out, format=kind)
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError:
        raise Refused(413, "too_large", "This picture has too many pixels.") from None
    except (OSError, ValueError, SyntaxError) as error:
        logger.info("picture_unreadable reason=%s", error)
        raise _unknown() from None
    return out.getvalue(), PICTURES[kind]


def _table(text: str) -> str:
    """A table's rows as lines that a model reads well; the text itself when it is no table."""
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error:
        return text
    return "\n".join(" | ".join(cell.strip() for cell in row) for row in rows if row)


def _unknown() -> Refused:
    return Refused(
        415, "unknown_type", "I can take pictures, PDF, and text, Markdown or CSV files."
    )
