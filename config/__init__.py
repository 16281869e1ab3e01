"""Wires the house: settings, URLs, ASGI/WSGI, Celery, embedded services. No domain logic."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
