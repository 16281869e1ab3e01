from django.apps import AppConfig


class ProductivityConfig(AppConfig):
    name = "productivity"
    verbose_name = "Productivity"
