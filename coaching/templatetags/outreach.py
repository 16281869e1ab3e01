"""What templates of messages and notification settings ask for."""

from django import template
from django.utils import timezone

from accounts.models import User
from coaching.outreach import offering, patterns
from coaching.outreach.bodies import Block, blocks, opening

register = template.Library()


@register.simple_tag
def usual_hours(user: User) -> patterns.PatternInWords:
    """What was learned about when the person is usually reached."""
    return patterns.in_words(patterns.pattern_of(user))


@register.simple_tag
def push_switch(user: User) -> offering.BrowserSwitch:
    """Whether notifications can be had here, and in which browsers this person has them."""
    return offering.switch_for(user)


@register.simple_tag
def push_is_offered(user: User) -> bool:
    """Whether to offer notifications to this person now."""
    return offering.is_offered(user, now=timezone.now())


@register.filter
def body_blocks(body: str) -> list[Block]:
    """The paragraphs and lists of a message's plain-text body."""
    return blocks(body)


@register.filter
def body_opening(body: str, most: int) -> str:
    """The first whole lines of a message's plain-text body, of at most so many characters."""
    return opening(body, most)
