"""A calendar day in an address."""

from datetime import date

from django.urls import register_converter


class MomentumDay:
    """2026-03-01."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # a ValueError here is a 404

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(MomentumDay, "momentum_day")
