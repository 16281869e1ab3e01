"""How people go about tasks: measures, what they say of a person, and groups of alike people."""
