"""From what a person said to what is worth keeping: by a model where there is one, else by rules."""
