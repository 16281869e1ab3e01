"""Addresses of reminders and messages below /api/v1/."""

from rest_framework.routers import SimpleRouter

from .outreach import CoachMessages, Reminders

router = SimpleRouter()
router.register("reminders", Reminders, basename="api-reminder")
router.register("messages", CoachMessages, basename="api-message")
urlpatterns = router.urls
