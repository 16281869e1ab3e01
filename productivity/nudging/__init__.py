"""Nudges about tasks: what calls for one, in which tone, by whose words, and what came of it.

A nudge that comes unasked is decided by the decision round of outreach, and the governor has the last word;
here it gets its tone and its text. One that is asked for is given at once, by the same rules of humour.
"""
