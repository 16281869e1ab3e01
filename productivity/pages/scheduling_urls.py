"""Addresses of the pages of scheduling."""

from django.urls import URLPattern, URLResolver, path

from . import day_plan, scheduling

urlpatterns: list[URLPattern | URLResolver] = [
    path("<uuid:pk>/slots/", scheduling.slots, name="task_slots"),
    path("week/", scheduling.week, name="tasks_week"),
    path("<uuid:pk>/room/<slug:what>/", scheduling.answer_proposal, name="task_room"),
    path("days/<uuid:pk>/accept/", day_plan.accept_day, name="day_accept"),
    path("days/<uuid:pk>/leave/", day_plan.leave_day, name="day_leave"),
    path("slots/<uuid:pk>/accept/", scheduling.accept_slot, name="slot_accept"),
    path("slots/<uuid:pk>/refuse/", scheduling.refuse_slot, name="slot_refuse"),
]
