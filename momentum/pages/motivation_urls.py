"""Addresses of check-ins and the journal below /momentum/."""

from django.urls import URLPattern, path

from .motivation import PAGES

urlpatterns: list[URLPattern] = [path(route, view, name=name) for route, view, name in PAGES]
