"""Tasks and what is derived from them, for staff."""
