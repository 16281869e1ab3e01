"""The pages of "What the coach knows" that are about memories, preferences and promises."""

from django.urls import URLPattern

from . import memories, preferences, promises, receipts

urlpatterns: list[URLPattern] = [
    *memories.urlpatterns,
    *preferences.urlpatterns,
    *promises.urlpatterns,
    *receipts.urlpatterns,
]
