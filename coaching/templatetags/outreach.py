"""What templates of messages and notification settings ask for."""

from django import template

from accounts.models import User
from coaching.outreach import patterns
from coaching.outreach.bodies import Block, blocks

register = template.Library()


@register.simple_tag
def usual_hours(user: User) -> patterns.PatternInWords:
    """What was learned about when the person is usually reached."""
    return patterns.in_words(patterns.pattern_of(user))


@register.filter
def body_blocks(body: str) -> list[Block]:
    """The paragraphs and lists of a message's plain-text body."""
    return blocks(body)
