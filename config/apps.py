"""The house itself as a Django app, so that it can carry commands and system checks."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"
    verbose_name = "House"
