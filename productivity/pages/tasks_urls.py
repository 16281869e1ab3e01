"""Addresses of the pages of tasks."""

from django.urls import URLPattern, URLResolver, path

from . import board, progress, shelves, snoozing, task

urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.tasks, name="tasks"),
    path("add/", board.add, name="task_add"),
    path("understood/", board.understood, name="task_understood"),
    path("bulk/", board.bulk, name="tasks_bulk"),
    path("undo/<uuid:change>/", board.undo, name="task_undo"),
    path("done/", shelves.done, name="tasks_done"),
    path("deleted/", shelves.deleted, name="tasks_deleted"),
    path("progress/", progress.progress, name="task_progress"),
    path("<uuid:pk>/", task.task, name="task"),
    path("<uuid:pk>/tick/", board.tick, name="task_tick"),
    path("<uuid:pk>/snooze/", snoozing.snooze, name="task_snooze"),
    path("<uuid:pk>/delete/", board.delete, name="task_delete"),
    path("<uuid:pk>/restore/", board.restore, name="task_restore"),
    path("<uuid:pk>/plan/", task.plan, name="task_plan"),
    path("<uuid:pk>/steps/", task.add_step, name="task_add_step"),
    path("<uuid:pk>/move/", task.move_step, name="task_move_step"),
]
