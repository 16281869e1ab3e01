"""First words, fitted to how a person sounds."""

from coaching.language import Emotion

BY_EMOTION: dict[Emotion, list[str]] = {
    Emotion.FRUSTRATED: [
        "That sounds annoying, and it makes sense that you are fed up.",
        "I hear the frustration.",
        "Fair enough, that is frustrating.",
    ],
    Emotion.DISCOURAGED: [
        "That's a hard spot, and it says nothing bad about you.",
        "Thank you for saying it plainly. A slip is part of building anything.",
        "That is tough. One miss, or several, does not undo what you built.",
    ],
    Emotion.ANXIOUS: [
        "That's a lot to carry. Let's make the next step small.",
        "One thing at a time; there is no rush here.",
        "Let's take some weight off this.",
    ],
    Emotion.PROUD: [
        "That's your doing. Well earned.",
        "Good work, and worth noticing what made it possible.",
        "You did that. Enjoy it for a moment.",
    ],
    Emotion.EXCITED: [
        "Good energy, let's use it.",
        "I like that spirit.",
        "A good moment to start.",
    ],
}

# Before the result of a tool, when no emotion stands out.
PLAN_READY = [
    "Here is a plan that starts small and grows with you.",
    "I've put a first version together.",
    "This is how I would go about it.",
]
PLAN_CHANGED = [
    "Changed as you asked.",
    "Here it is with that change.",
    "I've made it again with what you said.",
]
PROPOSAL_READY = ["Here is one idea.", "This could help.", "I would try this."]

PLAN_NEXT = [
    "Nothing is saved yet: look through it, then accept, edit or decline it.",
    "Have a look at it and change what doesn't fit; it only starts when you accept.",
    "It is a draft. Accept it as it is, edit it, or leave it.",
]
OTHER_SERIES = "I have nothing of that name to draw, so here is what there is."

FAILED = [
    "I couldn't do that: {why} Nothing was changed.",
    "That didn't work: {why} Nothing was changed.",
]
FAILED_WITHOUT_REASON = [
    "That didn't work just now, and nothing was changed. Shall we try once more?",
    "Something got in the way there; nothing was changed. You can try it again in a moment.",
]
COULD_NOT_USE = [
    "One of the details doesn't work: {why}",
    "I can't use one of those details: {why}",
]
