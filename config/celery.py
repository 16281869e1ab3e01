"""The Celery application.

Queues: `interactive` (a person is waiting), `delivery` (messages to people), `batch` (nightly work), `imports` (files of health data).
Every task must be safe to run twice: late acknowledgement plus `reject_on_worker_lost` means that a
task whose worker was killed runs again, and none is lost.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("habyss")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
