"""Taking one's data along: everything, as JSON and CSV in one zip file."""

import csv
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from accounts.belongings import Belonging, belongings
from accounts.models import DataRequest, DataRequestKind, DataRequestState, User

# Keys to the account, not facts about the person: shown as present, never written out.
SECRETS = frozenset({"accounts.user.password", "mfa.authenticator.data", "accounts.device.keys"})
REDACTED = "(kept secret)"
# An export that runs longer than this was left behind by a worker that died.
STALE = timedelta(minutes=10)
README = """This is everything Habyss keeps about {email}, as of {now}.

data/   one file per table: .json holds the exact values, .csv opens in a spreadsheet
files/  what you uploaded

Cells of a .csv that a spreadsheet would run as a formula have an apostrophe in front.
"""


def ask(user: User) -> DataRequest:
    """The open export of `user`: the one that is being made, else a new one for a worker to take."""
    with transaction.atomic():
        open_one = Q(state=DataRequestState.ASKED) | Q(state=DataRequestState.RUNNING)
        User.objects.select_for_update().get(pk=user.pk)
        running = DataRequest.objects.filter(
            open_one, user=user, kind=DataRequestKind.EXPORT
        ).first()
        return running or DataRequest.objects.create(user=user, kind=DataRequestKind.EXPORT)


def make(pk: UUID | str) -> bool:
    """Writes the file of one request; returns False when another worker has it or it is done."""
    now = timezone.now()
    abandoned = Q(state=DataRequestState.RUNNING, started_at__lt=now - STALE)
    claimed = DataRequest.objects.filter(
        Q(state=DataRequestState.ASKED) | abandoned, pk=pk, kind=DataRequestKind.EXPORT
    ).update(state=DataRequestState.RUNNING, started_at=now)
    if not claimed:
        return False
    request = DataRequest.objects.select_related("user").get(pk=pk)
    mine = DataRequest.objects.filter(pk=pk, state=DataRequestState.RUNNING, started_at=now)
    try:
        with TemporaryFile() as file:
            write(request.user, file)
            file.seek(0)
            name = request.file.storage.save(
                request.file.field.generate_filename(request, f"{request.pk}.zip"), File(file)
            )
    except Exception as problem:
        mine.update(
            state=DataRequestState.FAILED, error=type(problem).__name__, finished_at=timezone.now()
        )
        raise
    done = timezone.now()
    if not mine.update(
        state=DataRequestState.READY,
        file=name,
        finished_at=done,
        expires_at=done + timedelta(days=settings.EXPORT_KEEP_DAYS),
    ):
        request.file.storage.delete(name)
    return True


def unfinished(now: datetime | None = None) -> list[UUID]:
    """Exports whose task never came or whose worker died."""
    before = (now or timezone.now()) - STALE
    return list(
        DataRequest.objects.filter(
            Q(state=DataRequestState.ASKED, asked_at__lt=before)
            | Q(state=DataRequestState.RUNNING, started_at__lt=before),
            kind=DataRequestKind.EXPORT,
        ).values_list("pk", flat=True)
    )


def expire(now: datetime | None = None) -> int:
    """Deletes the files of exports that are over; returns how many."""
    over = DataRequest.objects.filter(
        kind=DataRequestKind.EXPORT,
        state=DataRequestState.READY,
        expires_at__lte=now or timezone.now(),
    )
    count = 0
    for request in over:
        request.file.delete(save=False)
        request.state = DataRequestState.EXPIRED
        request.save(update_fields=["state", "file"])
        count += 1
    return count


def write(user: User, target: IO[bytes]) -> None:
    """Writes the zip file of `user` to `target`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        note = README.format(email=user.email, now=timezone.now().isoformat(timespec="seconds"))
        archive.writestr("README.txt", note)
        for belonging in belongings():
            _write_rows(archive, belonging, user)
            if belonging.model is not DataRequest:  # not the exports of before
                _write_files(archive, belonging, user)


def _write_rows(archive: zipfile.ZipFile, belonging: Belonging, user: User) -> None:
    columns = [field.attname for field in belonging.model._meta.concrete_fields]
    with ExitStack() as stack:
        # A zip file takes one member at a time, so the second format waits in a file of its own.
        table = stack.enter_context(TemporaryFile("w+", newline="", encoding="utf-8"))
        sheet = csv.writer(table)
        sheet.writerow(columns)
        with (
            archive.open(f"data/{belonging.label}.json", "w") as member,
            TextIOWrapper(member, encoding="utf-8") as text,
        ):
            text.write("[")
            for number, row in enumerate(belonging.rows(user).iterator(chunk_size=500)):
                values = dict(zip(columns, _values(belonging, row), strict=True))
                text.write(",\n" if number else "\n")
                json.dump(values, text, cls=_Anything, ensure_ascii=False)
                sheet.writerow([_cell(value) for value in values.values()])
            text.write("\n]\n")
        table.seek(0)
        archive.writestr(f"data/{belonging.label}.csv", table.read())


def _write_files(archive: zipfile.ZipFile, belonging: Belonging, user: User) -> None:
    for field in belonging.file_fields():
        for row in belonging.rows(user).exclude(**{field.name: ""}).iterator(chunk_size=100):
            stored = getattr(row, field.name)
            if not stored or not stored.storage.exists(stored.name):
                continue
            name = PurePosixPath(stored.name).name
            with (
                stored.open("rb") as source,
                archive.open(f"files/{belonging.label}/{row.pk}-{name}", "w") as member,
            ):
                for chunk in source.chunks():
                    member.write(chunk)


def _values(belonging: Belonging, row: Model) -> Iterator[Any]:
    for field in belonging.model._meta.concrete_fields:
        value = field.value_from_object(row)
        is_secret = f"{belonging.label}.{field.name}" in SECRETS
        yield REDACTED if is_secret and value else value


class _Anything(DjangoJSONEncoder):
    """Writes what JSON has no word for as text: file names, vectors, ranges."""

    def default(self, value: Any) -> Any:
        try:
            return super().default(value)
        except TypeError:
            return str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, cls=_Anything, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in tuple("=+-@\t\r") and text else text
