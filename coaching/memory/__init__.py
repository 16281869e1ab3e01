"""What the coach remembers of a person: written, found, used, confirmed, forgotten."""
