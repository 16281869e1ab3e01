"""Addresses of the pages of scheduling."""

from django.urls import URLPattern, URLResolver, path

from . import scheduling

urlpatterns: list[URLPattern | URLResolver] = [
    path("<uuid:pk>/slots/", scheduling.slots, name="task_slots"),
    path("week/", scheduling.week, name="tasks_week"),
    path("<uuid:pk>/room/<slug:what>/", scheduling.answer_proposal, name="task_room"),
    path("slots/<uuid:pk>/accept/", scheduling.accept_slot, name="slot_accept"),
    path("slots/<uuid:pk>/refuse/", scheduling.refuse_slot, name="slot_refuse"),
]
