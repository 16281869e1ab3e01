"""What every page of the house shows: the main navigation and the floating assistant's addresses."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from coaching.outreach.inbox import unread

register = template.Library()

MAIN_PAGES = (
    ("today", "Today", "today"),
    ("habits", "Habits", "habits"),
    ("tasks", "Tasks", "tasks"),
    ("momentum", "Momentum", "trend"),
    ("coach", "Coach", "coach"),
    ("settings", "Settings", "settings"),
)


def address(name: str, *args: object) -> str:
    """The address of a page, or nothing when this house has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("components/nav.html", takes_context=True)
def main_navigation(context: template.Context) -> dict[str, Any]:
    """The links to the main pages that exist, this page's own marked, and how many messages are unread."""
    request = context.get("request")
    path = request.path if request else ""
    items = []
    for name, label, icon in MAIN_PAGES:
        url = address(name)
        if url:
            is_current = path == url or (url != "/" and path.startswith(url))
            items.append(
                {"name": name, "label": label, "icon": icon, "url": url, "current": is_current}
            )
    user = request.user if request else None
    return {
        "items": items,
        "home": address("today") or "/",
        "messages": address("messages"),
        "unread": unread(user).count() if user and user.is_authenticated else 0,
    }
