"""Addresses of the score below /api/v1/momentum/."""

from django.urls import URLPattern, path

import momentum.addresses  # noqa: F401 - the converter of days

from . import momentum as views

urlpatterns: list[URLPattern] = [
    path("pillars/", views.PillarsView.as_view(), name="momentum-pillars"),
    path("today/", views.TodayView.as_view(), name="momentum-today"),
    path("days/<momentum_day:day>/explain/", views.ExplainView.as_view(), name="momentum-explain"),
    path("versions/", views.VersionsView.as_view(), name="momentum-versions"),
    path("versions/difference/", views.DifferenceView.as_view(), name="momentum-difference"),
    path("insights/", views.InsightsView.as_view(), name="momentum-insights"),
    path("charts/<str:series>.json", views.ChartDataView.as_view(), name="momentum-chart-data"),
    path("charts/<str:series>.svg", views.ChartSvgView.as_view(), name="momentum-chart-svg"),
    path("charts/<str:series>.png", views.ChartPngView.as_view(), name="momentum-chart-png"),
]
