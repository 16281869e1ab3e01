"""Addresses below /api/v1/biometrics/, without those of imports."""

from django.urls import URLPattern, path

import momentum.addresses  # noqa: F401 - the converter of days

from . import biometrics as views

_CHANGE = "changes/<uuid:change_id>"

urlpatterns: list[URLPattern] = [
    path("samples/", views.SamplesView.as_view(), name="biometric-samples"),
    path("days/", views.DaysView.as_view(), name="biometric-days"),
    path("days/<str:metric>/<momentum_day:day>/", views.EntryView.as_view(), name="biometric-day"),
    path("changes/", views.ChangesView.as_view(), name="biometric-changes"),
    path(f"{_CHANGE}/confirm/", views.ConfirmView.as_view(), name="biometric-change-confirm"),
    path(f"{_CHANGE}/deny/", views.DenyView.as_view(), name="biometric-change-deny"),
    path(f"{_CHANGE}/undo/", views.UndoView.as_view(), name="biometric-change-undo"),
]
