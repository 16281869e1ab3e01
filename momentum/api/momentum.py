"""Momentum over REST: where it stands, its course, why, under which version, and as pictures.

Everything here is read only and the person's own. Answers carry an `ETag`; with `If-None-Match` an unchanged
one is a 304 without a body.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from accounts.rest.pagination import NewestFirst
from coaching.charts import ChartKind, draw, png, standalone
from coaching.learning_permission import has_agreed
from coaching.toolkit import Series, data_sources
from momentum.course import EARLIEST, LATEST, overall_line, pillar_lines
from momentum.differences import difference
from momentum.explaining import explain
from momentum.insights import look
from momentum.models import MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring.versions import active
from momentum.standing import history, standing_of

from . import momentum_examples as examples
from .momentum_serializers import (
    MomentumChartSerializer,
    MomentumDifferenceSerializer,
    MomentumExplanationSerializer,
    MomentumInsightsSerializer,
    MomentumPillarsSerializer,
    MomentumStandingSerializer,
    MomentumVersionSerializer,
)

USUAL_DAYS = 90
MOST_DAYS = 400
# What people may compare; drafts are nobody's scores yet.
SHOWN_VERSIONS = (VersionStatus.PUBLISHED, VersionStatus.READY, VersionStatus.RETIRED)
FROM = OpenApiParameter(
    "from", OpenApiTypes.DATE, description="First day; 90 days back when left out"
)
TO = OpenApiParameter("to", OpenApiTypes.DATE, description="Last day; today when left out")
VERSION = OpenApiParameter(
    "version", str, description="Name of a scoring version; the published one when left out"
)
SERIES = OpenApiParameter(
    "series",
    str,
    OpenApiParameter.PATH,
    description="`overall`, `pillars`, or the key of any other series, for example `habits.completions`",
)
NOT_CHANGED = OpenApiResponse(description="Not changed since the `ETag` that was sent.")


class AnyAccept(BaseContentNegotiation):
    """For an answer that is a picture: whatever the client says it accepts."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def example(name: str, value: Any) -> list[OpenApiExample]:
    return [OpenApiExample(name, value=value, response_only=True)]


def span_of(request: Request, user: User) -> tuple[date, date]:
    """The days that `from` and `to` name; raises `ValidationError` when they are none or too many."""
    last = _day(request, "to") or local_day(user, timezone.now())
    first = _day(request, "from") or max(EARLIEST, last - timedelta(days=USUAL_DAYS - 1))
    if first > last:
        raise ValidationError({"from": ["It lies after `to`."]})
    if (last - first).days >= MOST_DAYS:
        raise ValidationError({"from": [f"Ask for at most {MOST_DAYS} days at a time."]})
    return first, last


def _day(request: Request, name: str) -> date | None:
    written = request.query_params.get(name)
    if written is None:
        return None
    try:
        found = parse_date(written)
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        raise ValidationError({name: ["A date, like 2026-11-03."]})
    return found


def version_named(request: Request, name: str = "version") -> ScoringVersion | None:
    """The scoring version a parameter names; raises `ValidationError` for a name nobody knows."""
    written = request.query_params.get(name)
    if written is None:
        return None
    found = None
    if "\0" not in written:
        found = ScoringVersion.objects.filter(name=written, status__in=SHOWN_VERSIONS).first()
    if found is None:
        raise ValidationError({name: ["There is no such version."]})
    return found


class ByDay(NewestFirst):
    """The newest day first."""

    ordering = "-date"


@method_decorator(conditional_page, name="dispatch")
class PillarsView(ListAPIView[MomentumPillar]):
    """The scores of each day in a range, the newest first; days without a row were not scored."""

    serializer_class = MomentumPillarsSerializer
    pagination_class = ByDay
    queryset = MomentumPillar.objects.none()

    def get_queryset(self) -> QuerySet[MomentumPillar]:
        user = person(self.request)
        first, last = span_of(self.request, user)
        version = version_named(self.request) or active()
        if not has_agreed(user):
            return MomentumPillar.objects.none()
        return MomentumPillar.objects.filter(
            user=user, version=version.name, date__gte=first, date__lte=last
        )

    @extend_schema(
        operation_id="momentum_pillars",
        parameters=[FROM, TO, VERSION],
        examples=example("Two days", examples.PILLARS),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


@method_decorator(conditional_page, name="dispatch")
class TodayView(APIView):
    """Where the person stands now, in figures and words; with a `gap` there is no score and it says why."""

    @extend_schema(
        operation_id="momentum_today",
        responses={200: MomentumStandingSerializer, 304: NOT_CHANGED},
        examples=example("Rising", examples.TODAY),
    )
    def get(self, request: Request) -> Response:
        return Response(
            MomentumStandingSerializer(standing_of(person(request), timezone.now())).data
        )


@method_decorator(conditional_page, name="dispatch")
class ExplainView(APIView):
    """What the score of a day is made of; the points of the pillars sum to the change since the day before."""

    @extend_schema(
        operation_id="momentum_explain",
        parameters=[
            OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH),
            VERSION,
        ],
        responses={200: MomentumExplanationSerializer, 304: NOT_CHANGED},
        examples=example("A day", examples.EXPLANATION),
    )
    def get(self, request: Request, day: date) -> Response:
        version = version_named(request)
        if not EARLIEST < day <= LATEST:
            raise Http404
        found = explain(person(request), day, version)
        if found is None:
            raise Http404
        return Response(MomentumExplanationSerializer(found).data)


@method_decorator(conditional_page, name="dispatch")
class VersionsView(ListAPIView[ScoringVersion]):
    """The versions of how scores are worked out; `is_active` marks the one that people see."""

    serializer_class = MomentumVersionSerializer
    pagination_class = NewestFirst
    queryset = ScoringVersion.objects.filter(status__in=SHOWN_VERSIONS)

    @extend_schema(
        operation_id="momentum_versions", examples=example("One version", examples.VERSIONS)
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


@method_decorator(conditional_page, name="dispatch")
class DifferenceView(APIView):
    """One day under two versions side by side, and which parameters make the difference."""

    @extend_schema(
        operation_id="momentum_versions_difference",
        parameters=[
            OpenApiParameter("date", OpenApiTypes.DATE, description="Today when left out"),
            OpenApiParameter("a", str, required=True, description="Name of a version"),
            OpenApiParameter("b", str, required=True, description="Name of the other one"),
        ],
        responses={200: MomentumDifferenceSerializer, 304: NOT_CHANGED},
        examples=example("Two versions", examples.DIFFERENCE),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        day = _day(request, "date") or local_day(user, timezone.now())
        missing = {
            name: ["Name a version."] for name in ("a", "b") if name not in request.query_params
        }
        if missing:
            raise ValidationError(missing)
        first, second = version_named(request, "a"), version_named(request, "b")
        assert first is not None  # noqa: S101 - named above
        assert second is not None  # noqa: S101
        if not has_agreed(user) or day == EARLIEST:
            raise Http404
        return Response(MomentumDifferenceSerializer(difference(user, day, first, second)).data)


@method_decorator(conditional_page, name="dispatch")
class InsightsView(APIView):
    """What goes together with better days, only when chance is an unlikely explanation; never what causes."""

    @extend_schema(
        operation_id="momentum_insights",
        responses={200: MomentumInsightsSerializer, 304: NOT_CHANGED},
        examples=example("One insight", examples.INSIGHTS),
    )
    def get(self, request: Request) -> Response:
        return Response(MomentumInsightsSerializer(look(person(request), timezone.now())).data)


def series_of(
    user: User, key: str, first: date, last: date, version: ScoringVersion | None
) -> tuple[str, list[Series]]:
    """The title and the lines of a series; raises `Http404` when nothing has that key."""
    if key in {"overall", "pillars"}:
        rows = history(user, first, last, version)
        if key == "pillars":
            return "The pillars of your momentum", pillar_lines(rows, first, last)
        return "Your momentum", [overall_line(rows, first, last)]
    if key not in data_sources:
        raise Http404
    source = data_sources.get(key)
    return source.title, source.series(user, first, last)


class Charted(APIView):
    """A series of the person between two days."""

    def asked(self, request: Request, key: str) -> tuple[str, date, date, list[Series]]:
        user = person(request)
        first, last = span_of(request, user)
        title, lines = series_of(user, key, first, last, version_named(request))
        return title, first, last, lines


@method_decorator(conditional_page, name="dispatch")
class ChartDataView(Charted):
    """A series as numbers: one line per name, one point per day; `null` is a day without evidence."""

    @extend_schema(
        operation_id="momentum_chart_data",
        parameters=[SERIES, FROM, TO, VERSION],
        responses={200: MomentumChartSerializer, 304: NOT_CHANGED},
        examples=example("Two days", examples.CHART),
    )
    def get(self, request: Request, series: str) -> Response:
        title, first, last, lines = self.asked(request, series)
        shown = {"series": series, "title": title, "first": first, "last": last, "lines": lines}
        return Response(MomentumChartSerializer(shown).data)


@method_decorator(conditional_page, name="dispatch")
class ChartPictureView(Charted):
    """A series as a picture that needs nothing else: title, dates, legend and a sentence are in it."""

    content_negotiation_class = AnyAccept
    is_png = False

    def get(self, request: Request, series: str) -> HttpResponse:
        title, first, last, lines = self.asked(request, series)
        chart = draw(ChartKind.LINE, lines, title=title)
        subtitle = f"{first.day} {first:%b} {first.year} to {last.day} {last:%b} {last.year}"
        if self.is_png:
            return HttpResponse(png(chart, subtitle=subtitle), content_type="image/png")
        return HttpResponse(standalone(chart, subtitle=subtitle), content_type="image/svg+xml")


class ChartSvgView(ChartPictureView):
    """The series as SVG."""

    @extend_schema(
        operation_id="momentum_chart_svg",
        parameters=[SERIES, FROM, TO, VERSION],
        responses={(200, "image/svg+xml"): OpenApiTypes.STR, 304: NOT_CHANGED},
    )
    def get(self, request: Request, series: str) -> HttpResponse:
        return super().get(request, series)


class ChartPngView(ChartPictureView):
    """The series as PNG, 800 pixels wide."""

    is_png = True

    @extend_schema(
        operation_id="momentum_chart_png",
        parameters=[SERIES, FROM, TO, VERSION],
        responses={(200, "image/png"): OpenApiTypes.BINARY, 304: NOT_CHANGED},
    )
    def get(self, request: Request, series: str) -> HttpResponse:
        return super().get(request, series)
