"""Addresses of features below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from .features import ProductivityFeaturesView

urlpatterns: list[URLPattern | URLResolver] = [
    path("features/", ProductivityFeaturesView.as_view(), name="productivity-features"),
]
