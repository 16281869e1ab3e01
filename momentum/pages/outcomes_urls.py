"""Addresses of the pages of visits."""

from django.urls import URLPattern, path

from . import outcomes

urlpatterns: list[URLPattern] = [
    path("visits/", outcomes.visit_list, name="visits"),
    path("visits/<uuid:visit_id>/cancel/", outcomes.cancel_visit, name="visit_cancel"),
]
