"""Addresses of the pages about the score, below /momentum/."""

from django.urls import URLPattern, path

import momentum.addresses  # noqa: F401 - the converter of days

from . import momentum as pages

urlpatterns: list[URLPattern] = [
    path("", pages.overview, name="momentum"),
    path("day/<momentum_day:day>/", pages.day, name="momentum_day"),
    path("versions/", pages.versions, name="momentum_versions"),
]
