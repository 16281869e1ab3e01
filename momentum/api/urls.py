"""Addresses of momentum below /api/v1/."""

from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("momentum/", include("momentum.api.momentum_urls")),
    path("momentum/", include("momentum.api.motivation_urls")),
    path("momentum/", include("momentum.api.outcomes_urls")),
    path("biometrics/", include("momentum.api.biometrics_urls")),
    path("biometrics/", include("momentum.api.imports_urls")),
    path("webhooks/garmin/", include("momentum.webhooks_urls")),
]
