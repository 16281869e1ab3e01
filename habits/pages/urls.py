"""The pages of the habits domain."""

from django.urls import URLPattern, path

from . import board, changes, food, goals, habit, loop_import, plans

urlpatterns: list[URLPattern] = [
    path("habits/", board.board, name="habits"),
    path("habits/new/", habit.create, name="habit_new"),
    path("habits/import/", loop_import.loop, name="habits_import"),
    path("habits/shelf/", habit.shelf, name="habits_shelf"),
    *plans.urlpatterns,
    *(path(address, page, name=name) for address, page, name in food.PAGES),
    path("habits/goals/", goals.goal_list, name="goals"),
    path("habits/goals/<uuid:pk>/", goals.goal, name="goal"),
    path("habits/<uuid:pk>/", habit.detail, name="habit"),
    path("habits/<uuid:pk>/edit/", habit.edit, name="habit_edit"),
    path("habits/<uuid:pk>/tick/", board.tick, name="habit_tick"),
    path("habits/<uuid:pk>/partly/", board.partly, name="habit_partly"),
    path("habits/<uuid:pk>/skip/", board.skip, name="habit_skip"),
    path("habits/<uuid:pk>/amount/", board.amount, name="habit_amount"),
    *(
        path(f"habits/<uuid:pk>/{what}/", habit.change, {"what": what}, name=f"habit_{what}")
        for what in habit.CHANGES
    ),
    *(
        path(
            f"habits/changes/<uuid:pk>/{what}/",
            changes.answer,
            {"what": what},
            name=f"habit_change_{what}",
        )
        for what in changes.ANSWERS
    ),
]
