"""Files of health data over REST: bring one whole or in pieces, see how far it is, forget it."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.pagination import NewestFirst
from accounts.rest.parsing import WholeTextJSON
from accounts.rest.problems import Problem
from momentum.biometrics.importing import jobs, receiving
from momentum.biometrics.importing.files import MEGABYTE
from momentum.biometrics.importing.summary import headline, percent_of
from momentum.models import HealthImport
from momentum.tasks import add_to_import, start_import

NAME_HEADER = "X-Filename"
OCTETS = "application/octet-stream"
# A form is longer than the file in it.
FRAME = 64 * 1024


class RawFile(BaseParser):
    """A small file as the body itself; `Content-Length` bounds it."""

    media_type = OCTETS

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request = (parser_context or {})["request"]
        name = request.headers.get(NAME_HEADER, "upload")[:200]
        upload = TemporaryUploadedFile(name, self.media_type, 0, None)
        size = 0
        while chunk := stream.read(MEGABYTE):
            size += len(chunk)
            upload.write(chunk)
        upload.seek(0)
        upload.size = size
        return {"file": upload}


class RawPiece(BaseParser):
    """A piece of a file as the body itself, refused as soon as it is more than a piece may be."""

    media_type = OCTETS

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        piece = stream.read(receiving.MOST_PER_PIECE + 1)
        return {"piece": piece}


class ImportSerializer(serializers.ModelSerializer[HealthImport]):
    """An import, how far it is, and what it found."""

    # Empty until it was found out; an enumeration of the schema could not say that.
    kind = serializers.CharField(read_only=True)
    offset = serializers.IntegerField(
        source="bytes_received",
        read_only=True,
        help_text="How many bytes of the file are here: where its next piece begins.",
    )
    headline = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()

    class Meta:
        model = HealthImport
        fields = [
            "id",
            "kind",
            "filename",
            "size",
            "offset",
            "status",
            "percent",
            "headline",
            "records_read",
            "days_changed",
            "found",
            "skipped",
            "stopped",
            "error",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_headline(self, row: HealthImport) -> str:
        return headline(row)

    @extend_schema_field(OpenApiTypes.INT)
    def get_percent(self, row: HealthImport) -> int:
        return percent_of(row)


class HealthFileSerializer(serializers.Serializer[Any]):
    """The file. Its kind is found out from what is in it."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)


class AnnouncementSerializer(serializers.Serializer[Any]):
    """A file that will come in pieces."""

    filename = serializers.CharField(max_length=200)
    size = serializers.IntegerField(min_value=1, help_text="Bytes")


class PlaceSerializer(serializers.Serializer[Any]):
    """Where a piece begins."""

    offset = serializers.IntegerField(min_value=0)


class ImportsView(IdempotentWrites, ListModelMixin, GenericAPIView[HealthImport]):
    """The person's imports. While one is on its way or being read no other is taken."""

    serializer_class = ImportSerializer
    pagination_class = NewestFirst
    parser_classes = [WholeTextJSON, MultiPartParser, RawFile]
    queryset = HealthImport.objects.none()

    def get_queryset(self) -> QuerySet[HealthImport]:
        if not self.request.user.is_authenticated:
            return HealthImport.objects.none()
        return HealthImport.objects.filter(user=self.request.user)

    def get(self, request: Request) -> Response:
        """The imports, newest first."""
        return self.list(request)

    @extend_schema(
        request={
            "application/json": AnnouncementSerializer,
            "multipart/form-data": HealthFileSerializer,
            OCTETS: OpenApiTypes.BINARY,
        },
        responses={201: ImportSerializer, 202: ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Brings a file: an export of Apple Health, a table of Garmin or Fitbit, a FIT file.

        A small one (16 MB, unless the house says otherwise) may be the body itself. For a large one send its name
        and size as JSON, then its pieces to `content/` of what is answered. It is read in the background; ask for
        the import to see how far it is. An upload to which nothing is added for a day is dropped.
        """
        user = person(request)
        if str(request.content_type).startswith(WholeTextJSON.media_type):
            return self._announce(request)
        try:
            # Before the body is looked at: what is too large or too early is not taken apart.
            length = str(request.headers.get("Content-Length", ""))
            if not length.isascii() or not length.isdigit():
                raise Problem(400, "Say how long it is in Content-Length.", code="length_required")
            jobs.check_size(int(length))
            jobs.check_whole(int(length) - FRAME)
            jobs.check_free(user)
            wish = HealthFileSerializer(data=request.data)
            wish.is_valid(raise_exception=True)
            with wish.validated_data["file"] as upload:
                jobs.check_whole(upload.size)
                row = start_import(user, upload, upload.name)
        except jobs.ImportRefused as refusal:
            raise _problem(refusal) from None
        return Response(ImportSerializer(row).data, status=status.HTTP_202_ACCEPTED)

    @staticmethod
    def _announce(request: Request) -> Response:
        wish = AnnouncementSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        told = wish.validated_data
        try:
            row = receiving.open_upload(person(request), told["filename"], told["size"])
        except jobs.ImportRefused as refusal:
            raise _problem(refusal) from None
        place = reverse("health-import", args=[row.pk], request=request)
        return Response(
            ImportSerializer(row).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": place},
        )


class ImportContentView(IdempotentWrites, APIView):
    """The file of an import that comes in pieces."""

    parser_classes = [RawPiece]

    @extend_schema(
        request={OCTETS: OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter("offset", int, required=True, description="Where it begins, in bytes.")
        ],
        responses=ImportSerializer,
    )
    def put(self, request: Request, import_id: UUID) -> Response:
        """Adds a piece of at most 8 MB at the end of what is here: at `offset` of the import.

        One that begins before that is here already: nothing changes, and the answer says where to go on. One that
        begins behind it is a gap (409, with the `offset`). The last byte has the file read.
        """
        user = person(request)
        _own(request, import_id)
        place = PlaceSerializer(data=request.query_params)
        place.is_valid(raise_exception=True)
        try:
            length = str(request.headers.get("Content-Length", ""))
            if length.isascii() and length.isdigit() and int(length) > receiving.MOST_PER_PIECE:
                raise receiving.too_large()
            # Of a body that is empty nothing was parsed.
            sent = request.data
            piece = sent["piece"] if isinstance(sent, dict) and "piece" in sent else b""
            row = add_to_import(user, import_id, place.validated_data["offset"], piece)
        except receiving.Gap as gap:
            raise Problem(gap.status, str(gap), code=gap.code, offset=gap.offset) from None
        except jobs.ImportRefused as refusal:
            raise _problem(refusal) from None
        except HealthImport.DoesNotExist:
            raise Http404 from None
        return Response(ImportSerializer(row).data)


class ImportView(IdempotentWrites, APIView):
    """One import."""

    @extend_schema(responses=ImportSerializer)
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far it is, and what it found."""
        return Response(ImportSerializer(_own(request, import_id)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, import_id: UUID) -> Response:
        """Forgets the import; one that is being read stops. What it told of days stays."""
        jobs.remove(_own(request, import_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: Request, import_id: UUID) -> HealthImport:
    return get_object_or_404(HealthImport.objects.filter(user=person(request)), pk=import_id)


def _problem(refusal: jobs.ImportRefused) -> Problem:
    return Problem(refusal.status, str(refusal), code=refusal.code)
