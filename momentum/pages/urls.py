"""The pages of momentum."""

from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("momentum/", include("momentum.pages.momentum_urls")),
    path("momentum/", include("momentum.pages.motivation_urls")),
    path("momentum/", include("momentum.pages.outcomes_urls")),
    path("momentum/", include("momentum.pages.biometrics_urls")),
    path("momentum/", include("momentum.pages.imports_urls")),
]
