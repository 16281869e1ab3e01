"""Addresses of the pages of features."""

from django.urls import URLPattern, URLResolver, path

from . import features

urlpatterns: list[URLPattern | URLResolver] = [
    path("how-you-work/", features.how_you_work, name="how_you_work"),
    path("how-you-work/forget/", features.forget, name="how_you_work_forget"),
]
