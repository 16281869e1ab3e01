"""Every address of the house. A domain adds one `include()` for pages and one for its API."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.rest import problems
from config import health, webapp
from config.pages import onboarding, preferences

# Staff sign in as everybody does: rate limits and two-factor authentication hold for them too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.index_title = "Caseload"

handler400 = "accounts.rest.problems.bad_request"
handler403 = "accounts.rest.problems.permission_denied"
handler404 = "accounts.rest.problems.page_not_found"
handler500 = "accounts.rest.problems.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("manifest.webmanifest", webapp.manifest, name="manifest"),
    path("sw.js", webapp.service_worker, name="service_worker"),
    path("offline/", webapp.offline, name="offline"),
    path("icons/<int:size>.png", webapp.icon, name="app_icon"),
    path("", include("coaching.today.pages")),
    path("", include("coaching.outreach.pages")),
    path("", include("coaching.outreach.unsubscribing")),
    path("", include("coaching.memory.pages")),
    path("", include("coaching.chat.pages")),
    path("", include("coaching.personalization.consultation.pages")),
    path("", include("coaching.chat.articles")),
    path("", include("coaching.chat.why")),
    path("", include("coaching.personalization.profile_pages")),
    path("", include("coaching.personalization.facts_pages")),
    path("", include("coaching.memory.summary_pages")),
    path("", include("habits.pages.urls")),
    path("", include("momentum.pages.urls")),
    path("", include("productivity.pages.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/habits/", include("habits.api.urls")),
    path("api/v1/food/", include("habits.api.food_urls")),
    path("onboarding/", onboarding.onboarding, name="onboarding"),
    path("settings/preferences/", preferences.preferences, name="settings_preferences"),
    path("settings/", include("accounts.pages.urls")),
    path("api/v1/", include("momentum.api.urls")),
    path("api/v1/", include("productivity.api.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("coaching.api.outreach_urls")),
    path("api/v1/", include("coaching.api.memory_urls")),
    path("api/v1/", include("coaching.api.conversation_urls")),
    path("api/v1/", include("coaching.api.consultation_urls")),
    path("api/v1/", include("coaching.api.coaching_profile_urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "api/v1/docs/",
        SpectacularSwaggerSplitView.as_view(template_name="api/docs.html"),
        name="api-docs",
    ),
    # Takes whatever is left below /api/: stays the last line.
    re_path(r"^api/", problems.no_such_route),
]
