"""How the coach speaks of what it was told before: with its date, and open to correction."""

SAID = [
    "This is what you told me:\n\n{list}\n\nIf something is off, say so, or change it under What the coach knows.",
    "From what you told me:\n\n{list}\n\nTell me if that is no longer so.",
]
NOTHING = [
    "I find nothing you told me about that. Say “remember that …” and I will.",
    "Nothing comes to mind: you have not told me about that, or it was forgotten. You can tell me now.",
]
BRING_UP = [
    "You told me on {date}: “{text}”. So let's start from there. ",
    "On {date} you told me: “{text}”. With that in mind: ",
]
