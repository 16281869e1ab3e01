"""Questions for what a tool still needs to know, where the tool brings no question of its own."""

QUESTIONS: dict[str, str] = {
    "goal": "What would you like to achieve?",
    "timeframe": "By when would you like to get there?",
    "minutes_per_day": "How many minutes a day can you give it?",
    "difficulty": "How hard may it be: easy, moderate or challenging?",
    "time_of_day": "Which time of day suits you best?",
    "constraints": "Is there anything the plan should respect, such as an injury or a budget?",
    "period": "Which stretch of time shall I look at?",
    "habit": "Which habit do you mean?",
    "chart_kind": "What kind of chart would you like?",
    "data_source": "What should the chart show?",
    "moment": "When should it be?",
    "text": "What should I write down?",
    "issue": "What gets in the way most: is it too hard, is there no time, do you forget, or do you not feel like it?",
}

# A lead-in before a question; {goal}, {until} where known.
LEAD_INS_FOR_GOAL = [
    "{goal}{until}: that is a clear goal.",
    "Good, {goal}{until}. Let's make it fit your days.",
    "{goal}{until} it is.",
    "I like how concrete that is: {goal}{until}.",
]
LEAD_INS_FOR_GOAL_WITH_NOTE = [
    "{goal}{until}: noted, and I'll plan around this: {constraints}.",
    "Good, {goal}{until}, with this in mind: {constraints}.",
]
LEAD_INS = ["Happy to.", "Let's do that.", "Of course.", "Sure.", "Gladly."]
LEAD_INS_AFTER_ANSWER = ["Thanks, that helps.", "Got it.", "Good to know.", "Noted."]
LEAD_INS_LAST = ["One last thing:", "Just one more thing:", "And then I have all I need:"]

ASK_AGAIN = [
    "I didn't quite catch that.",
    "Sorry, I couldn't read that as an answer.",
    "I'm not sure I understood.",
]
EXAMPLES: dict[str, str] = {
    "goal": "For example “run a 5K”, “save $2,000” or “sleep eight hours”.",
    "timeframe": "For example “in 3 months” or “by summer”.",
    "minutes_per_day": "A number is enough, for example “20 minutes”.",
    "moment": "For example “tomorrow at 7” or “every weekday at 18:30”.",
    "difficulty": "Easy, moderate or challenging.",
    "time_of_day": "Morning, midday, evening, or any time.",
    "period": "For example “this week” or “the last 3 months”.",
    "issue": "For example “I forget” or “it's too hard”.",
}

# What is taken when somebody has no preference, and how that is said.
DEFAULTS: dict[str, tuple[object, str]] = {
    "minutes_per_day": (20, "Then I'll start from 20 minutes a day; that is easy to change later."),
    "timeframe": ("in 3 months", "Then let's plan for 3 months; you can change that any time."),
    "difficulty": ("moderate", "Then I'll make it moderate."),
    "time_of_day": ("any", "Then I'll leave the time of day open."),
    "constraints": ("", "Good, nothing special to respect."),
    "period": ("30d", "Then I'll look at the last 30 days."),
    "chart_kind": ("heatmap", "Then a heatmap: one square a day."),
    "moment": ("tomorrow at 9", "Then I'll take tomorrow at 9; you can undo it."),
    "issue": (
        "unmotivated",
        "Then let's treat it as not feeling like it; that is the most common one.",
    ),
}
GOAL_ON_RECORD = "You told me about this: “{goal}”. Say yes for that one, or name another."
NEED_A_GOAL = (
    "No problem, here are three that many people start with: **sleep better**, **move every day**, "
    "**get one important thing done each day**. Which is closest to what you want?"
)
CANNOT_GUESS = "That one I can't choose for you, but there's no hurry: tell me whenever you know."

BACK_TO_PLAN = [
    "And back to what we were doing: {question}",
    "Whenever you like, we can go on: {question}",
    "To finish what we started: {question}",
]
LET_GO = [
    "Let's leave that question for now. Tell me when you know, or say what you would rather do.",
    "No hurry, we can come back to that. What would you like to do instead?",
]
DROPPED = [
    "All right, I'll leave it. Nothing was saved.",
    "No problem, we'll drop it. Nothing was changed.",
    "Sure, forgotten. Just say so if you want to pick it up again.",
]
