"""What to change when a habit does not stick, by what stands in the way."""

from coaching.language import Obstacle

QUESTION = "What gets in the way most: is it too hard, is there no time, do you forget, or do you not feel like it?"
ASK = [
    "Let's change the plan rather than blame you. {question}",
    "When a habit doesn't stick, it is usually the habit that needs changing. {question}",
    "We can make this easier. {question}",
]

BY_OBSTACLE: dict[Obstacle, list[str]] = {
    Obstacle.TOO_HARD: [
        "Then it is too big for now. Shrink {habit} to a two-minute version for a week: so small that a bad day still allows it. Grow it only when it feels boring.",
        "Let's make {habit} smaller. Do two minutes of it, every planned day, and count that as done. Size comes back by itself once the start is easy.",
    ],
    Obstacle.NO_TIME: [
        "Then {habit} has to cost less. Keep a two-minute version for full days, and give the full one a fixed place on the two or three days with most room.",
        "Tie {habit} to something that happens anyway, such as right after your coffee or before you sit down to work, and cut it to five minutes on busy days.",
    ],
    Obstacle.FORGOT: [
        "That is a missing cue, not a missing will. Decide on one sentence: “After I [something you do daily], I do {habit}”, and put one visible thing in its way. I can also remind you: say “remind me” with a time.",
        "Give {habit} a trigger: right after something you never forget, like brushing your teeth. If you like, say “remind me” with a time, and I'll back it up.",
    ],
    Obstacle.UNMOTIVATED: [
        "Then let's make it easier to want. Do {habit} together with something you enjoy, such as music or a friend, and allow yourself to stop after two minutes. If it still feels wrong in two weeks, it may be the wrong habit, and dropping it is fine.",
        "Wanting often comes after starting. Do only two minutes of {habit} and then choose freely. It also helps to ask whether this is your own wish or somebody else's; you may change it.",
    ],
}
