"""Addresses of the pages about measured days, below /momentum/data/."""

from django.urls import URLPattern, path

import momentum.addresses  # noqa: F401 - the converter of days

from . import biometrics as pages

urlpatterns: list[URLPattern] = [
    path("data/", pages.overview, name="momentum_data"),
    path("data/enter/", pages.enter, name="momentum_data_enter"),
    path(
        "data/<str:metric>/<momentum_day:day>/forget/",
        pages.forget,
        name="momentum_data_forget",
    ),
    path("data/changes/<uuid:change_id>/", pages.answer, name="momentum_data_change"),
    path("data/garmin/", pages.go_to_garmin, name="momentum_garmin"),
    path("data/garmin/back/", pages.back_from_garmin, name="momentum_garmin_back"),
    path("data/garmin/disconnect/", pages.disconnect, name="momentum_garmin_disconnect"),
]
