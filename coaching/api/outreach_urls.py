"""Addresses of reminders and messages below /api/v1/."""

from rest_framework.routers import SimpleRouter

from .outreach import Reminders
from .outreach_messages import CoachMessages, Mutes

router = SimpleRouter()
router.register("reminders", Reminders, basename="api-reminder")
router.register("messages", CoachMessages, basename="api-message")
router.register("mutes", Mutes, basename="api-mute")
urlpatterns = router.urls
