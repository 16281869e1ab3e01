"""Every address of the house. A domain adds one `include()` for pages and one for its API."""

from django.contrib import admin
from django.urls import include, path

from config import health, webapp

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("manifest.webmanifest", webapp.manifest, name="manifest"),
    path("sw.js", webapp.service_worker, name="service_worker"),
    path("offline/", webapp.offline, name="offline"),
    path("icons/<int:size>.png", webapp.icon, name="app_icon"),
    path("", include("habits.pages.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/habits/", include("habits.api.urls")),
]
