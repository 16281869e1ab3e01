"""Addresses of the consultation below /api/v1/."""

from django.urls import path

from . import consultation

urlpatterns = [
    path("consultation/start", consultation.Start.as_view(), name="api-consultation-start"),
    path("consultation/message", consultation.Say.as_view(), name="api-consultation-message"),
    path("consultation/<uuid:session_id>", consultation.One.as_view(), name="api-consultation"),
    path(
        "consultation/<uuid:session_id>/complete",
        consultation.Complete.as_view(),
        name="api-consultation-complete",
    ),
    path(
        "consultation/<uuid:session_id>/items/<uuid:item_id>",
        consultation.OneItem.as_view(),
        name="api-consultation-item",
    ),
]
