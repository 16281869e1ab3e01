"""A set to measure recall on: invented people who tell a coach of themselves, and friends who talk.

Made from hand-written pieces by a seeded draw, so that everybody measures the same. It was written before the
ranking was tuned; people 20 to 29 and the dialogues 6 to 9 are held back, and asked in words of their own.
"""
