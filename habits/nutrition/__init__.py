"""What a person eats, as they tell it: figures are theirs, never guessed, and never praised or punished."""
