"""Files of health data over REST: bring one, see how far it is, forget it."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.pagination import NewestFirst
from accounts.rest.problems import Problem
from momentum.biometrics.importing import jobs
from momentum.biometrics.importing.files import MEGABYTE
from momentum.biometrics.importing.summary import headline, percent_of
from momentum.models import HealthImport
from momentum.tasks import start_import

NAME_HEADER = "X-Filename"


class RawFile(BaseParser):
    """A file as the body itself. It goes to disk in pieces; `Content-Length` bounds it."""

    media_type = "application/octet-stream"

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


class ImportSerializer(serializers.ModelSerializer[HealthImport]):
    """An import, how far it is, and what it found."""

    # Empty until it was found out; an enumeration of the schema could not say that.
    kind = serializers.CharField(read_only=True)
    headline = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()

    class Meta:
        model = HealthImport
        fields = [
            "id",
            "kind",
            "filename",
            "size",
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


class UploadSerializer(serializers.Serializer[Any]):
    """The file. Its kind is found out from what is in it."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)


class ImportsView(ListModelMixin, GenericAPIView[HealthImport]):
    """The person's imports. While one is being read no other is taken."""

    serializer_class = ImportSerializer
    pagination_class = NewestFirst
    parser_classes = [MultiPartParser, RawFile]
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
            "multipart/form-data": UploadSerializer,
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        responses={202: ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Brings a file: an export of Apple Health, a table of Garmin or Fitbit, a FIT file.

        It is read in the background; ask for the import to see how far it is.
        """
        user = person(request)
        try:
            # Before the body is looked at: what is too large or too early is not taken apart.
            length = str(request.headers.get("Content-Length", ""))
            if not length.isascii() or not length.isdigit():
                raise Problem(400, "Say how long it is in Content-Length.", code="length_required")
            jobs.check_size(int(length))
            jobs.check_free(user)
            wish = UploadSerializer(data=request.data)
            wish.is_valid(raise_exception=True)
            with wish.validated_data["file"] as upload:
                row = start_import(user, upload, upload.name)
        except jobs.ImportRefused as refusal:
            raise Problem(refusal.status, str(refusal), code=refusal.code) from None
        return Response(ImportSerializer(row).data, status=status.HTTP_202_ACCEPTED)


class ImportView(APIView):
    """One import."""

    @extend_schema(responses=ImportSerializer)
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far it is, and what it found."""
        return Response(ImportSerializer(self._own(request, import_id)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, import_id: UUID) -> Response:
        """Forgets the import; one that is being read stops. What it told of days stays."""
        jobs.remove(self._own(request, import_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @staticmethod
    def _own(request: Request, import_id: UUID) -> HealthImport:
        return get_object_or_404(HealthImport.objects.filter(user=person(request)), pk=import_id)
