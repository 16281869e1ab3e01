from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter()
router.register("consents", views.Consents, "api-consent")
router.register("devices", views.Devices, "api-device")
router.register("data-requests", views.DataRequests, "api-data-request")

urlpatterns = [
    path("users/me/", views.Me.as_view(), name="api-me"),
    path("users/me/", include(router.urls)),
]
