"""`/api/v1/users/me/`: the person, their consent, their devices, their data."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import RetrieveUpdateAPIView
from rest_framework.mixins import (
    CreateModelMixin,
    DestroyModelMixin,
    ListModelMixin,
    RetrieveModelMixin,
)
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import devices, erasure
from accounts.consent import set_consent
from accounts.current import person
from accounts.downloads import export_file
from accounts.models import (
    Consent,
    ConsentKind,
    ConsentSource,
    DataRequest,
    DataRequestKind,
    Device,
    User,
)
from accounts.rest.etags import MatchedEdits
from accounts.rest.idempotency import IdempotentWrites
from accounts.tasks import start_export

from .serializers import (
    ConsentSerializer,
    DataRequestSerializer,
    DeviceSerializer,
    MeSerializer,
)


class Me(IdempotentWrites, MatchedEdits, RetrieveUpdateAPIView):
    """The signed-in person."""

    serializer_class = MeSerializer
    http_method_names = ["get", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.filter(pk=person(self.request).pk)

    def get_object(self) -> Any:
        self.kwargs.setdefault("pk", person(self.request).pk)
        return super().get_object()


class Consents(IdempotentWrites, ListModelMixin, CreateModelMixin, GenericViewSet):
    """The consent ledger, newest decision first; the newest of a kind is what holds."""

    serializer_class = ConsentSerializer
    queryset = Consent.objects.none()

    def get_queryset(self) -> QuerySet[Consent]:
        return Consent.objects.filter(user=person(self.request))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Decide about one kind. Saying the same thing again adds nothing."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        decision = set_consent(
            person(request),
            ConsentKind(said["kind"]),
            said["granted"],
            ConsentSource.API,
            said.get("evidence", ""),
        )
        return Response(self.get_serializer(decision).data, status=201)


class Devices(
    IdempotentWrites, ListModelMixin, CreateModelMixin, DestroyModelMixin, GenericViewSet
):
    """Browsers and phones that may be reached by push."""

    serializer_class = DeviceSerializer
    queryset = Device.objects.none()

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.filter(user=person(self.request))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Register a device. The same token again refreshes it."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        device, _ = devices.register(
            person(request), said["platform"], said["token"], said.get("keys")
        )
        return Response(self.get_serializer(device).data, status=201)


class AnyAccept(BaseContentNegotiation):
    """For an answer that is a file: whatever the client says it accepts."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class DataRequests(
    IdempotentWrites, ListModelMixin, RetrieveModelMixin, CreateModelMixin, GenericViewSet
):
    """Take your data along, or be erased."""

    serializer_class = DataRequestSerializer
    queryset = DataRequest.objects.none()

    def get_queryset(self) -> QuerySet[DataRequest]:
        return DataRequest.objects.filter(user=person(self.request))

    @extend_schema(responses={202: DataRequestSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for an export or an erasure; an open request of the same kind is given again.

        An erasure signs the person out everywhere at once. Signing in again before it `expires` takes
        it back.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        is_export = serializer.validated_data["kind"] == DataRequestKind.EXPORT
        ask = start_export if is_export else erasure.ask
        return Response(self.get_serializer(ask(person(request))).data, status=202)

    @extend_schema(
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "The zip file.")}
    )
    @action(detail=True, content_negotiation_class=AnyAccept)
    def download(self, request: Request, pk: str) -> FileResponse:
        """The finished export as a zip file."""
        return export_file(self.get_object())
