"""How the coach introduces what it looked up: where it is from is said by the number."""

TOLD = [
    "{words} {number}",
    "Here is what I find in the library. {words} {number}",
    "From what is known about this: {words} {number}",
]
