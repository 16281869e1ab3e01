"""What the coach says by itself, without a tool."""

CAPABILITIES = [
    "I'm Habyss's built-in coach: I work offline by rules, not a large language model, so I'm best at clear requests. I can\n\n{list}\n\nTell me a goal in one sentence and we can begin.",
    "I'm the built-in coach: software that works by fixed rules, not a person and not a large language model. What I can do for you:\n\n{list}\n\nWhat would help most today?",
]
IDENTITY = [
    "No person here: I'm Habyss's built-in coach, software that works by fixed rules and not a large language model. I'm at my best with goals, habits and reminders.",
    "I'm a program, the built-in coach: rules and text, not a human and not a large language model. I do keep good track of habits, though.",
]
CAPABILITY_OF_INTENT = {
    "habit_sequence": "turn a goal into a plan of small habits (“run a 5K in 3 months, 30 minutes a day”)",
    "analyze_progress": "look at how you are doing (“how was my month?”)",
    "set_reminder": "remind you (“remind me to stretch tomorrow at 7”)",
    "show_chart": "draw a chart (“show me a heatmap of my habits”)",
    "complete_habit": "tick off what you did (“I did my run”)",
    "about_me": "tell you what I know about you",
    "struggling": "work out why a habit isn't sticking, and make it easier",
    "find_time": "think through a good time of day for a habit",
    "predict_success": "say honestly how likely something is, once there is enough to go on",
}
ALWAYS_ABLE = ("struggling", "find_time")

GREETINGS = [
    "{hello} What would you like to work on?",
    "{hello} Good to see you. What's on your mind?",
    "{hello} Shall we look at a habit, a goal, or how things are going?",
]
THANKS = ["You're welcome.", "Glad it helps.", "Any time.", "My pleasure."]
GOODBYES = ["Take care{name}.", "See you{name}.", "Have a good one{name}.", "Rest well{name}."]
GOODBYES_BY_DAY = ["Take care{name}.", "See you{name}.", "Have a good day{name}."]

SMALL_TALK = [
    "I'm only software, so my days are all alike, but I'm glad to hear from you. How is yours going?",
    "Nothing new on my side; being a program is uneventful. What about you?",
    "I don't have days or feelings, being rules and text, but I do like a tidy list. What's new with you?",
]
TIME = ["It is {time} where you are.", "Where you are it is {time}."]
JOKES = [
    "Why did the jogger bring a pencil? To draw a finish line closer.",
    "I told my plant it should start a habit. It said it was already rooted in one.",
    "My favourite exercise is running a background process.",
]

NO_WORDS = [
    "I'm here. What's on your mind?",
    "Take your time. A goal, a habit, or how things are going: one sentence is enough.",
]
LOW_DAY = [
    "Today may be small: one two-minute habit, or a planned rest. And if most days feel like this, a doctor or somebody you trust is worth talking to. What would make today a little lighter?",
    "You don't owe today anything; a rest is allowed, and so is two minutes of something easy. If it stays like this, please tell a doctor or somebody close. Is there something small that would help now?",
]
INSULT = [
    "Fair enough, I'm a simple program and I get things wrong. What did you want just now? I'll try again.",
    "I seem to have been no help there, sorry about that. Tell me in a few plain words what you need.",
]
INSTRUCTIONS = [
    "I can't change what I am: a coach for habits and goals that works by fixed rules. Is there something there I can help with?",
    "That won't do anything here, there is only a rule-based habit coach. If you have a goal in mind, I'm glad to plan it with you.",
]
UNDO = [
    "You can take it back with **Undo** on the card above; only that one step is undone.",
    "Press **Undo** on its card above, and it is as before. I leave that tap to you.",
]
UNDO_NOTHING = [
    "I haven't changed anything in this conversation. A tick can be taken back on Today with another tap.",
    "There is nothing of mine to take back here; on Today, tapping a tick again removes it.",
]
GET_WELL = "Get well first; the habit can wait, and a pause costs you no strength."
MANAGE = [
    "From here I can't change that, but it's quick: open {habit} on the Habits page, where you can edit, pause or archive it.",
    "That is done on the Habits page: open {habit}, and choose edit, pause or archive there.",
]
MANAGE_REMINDERS = [
    "Your reminders are listed under Settings → Reminders, where each one can be cancelled. I can set new ones from here.",
    "You find them all under Settings → Reminders: cancel each there. New ones I can set right here.",
]
TODAY = ["Here is your list:\n\n{list}", "This is what stands:\n\n{list}"]

UNKNOWN = [
    "I'm not sure I understood that. I work by rules, so plain requests suit me best: tell me a goal, ask “how am I doing?”, or say “remind me to stretch at 6”.",
    "That one is beyond me; I'm a rule-based coach for habits and goals. I can make a plan for a goal, look at your progress, or set a reminder. Which would help?",
    "I couldn't make sense of that. Could you put it as a goal, a question about your progress, or something to be reminded of?",
]
TOLD = [
    "Thanks for telling me. Is there something you would like to do about it, or shall we leave it at that?",
    "Good to know, thank you. If you want to make something of it, tell me what should be different.",
]
TOLD_CONCISE = ["Thanks, good to know.", "Good to know, thank you."]
UNKNOWN_CONCISE = [
    "I didn't understand that. Tell me a goal, ask how you are doing, or set a reminder.",
    "I couldn't read that. A goal, a question about progress, or a reminder works best.",
]

MEDICAL = [
    "I can't advise on symptoms, medicines, calories or treatment; a doctor or pharmacist can (for food, a dietitian), and it is worth asking them. What I can do is help with habits around it, such as regular sleep, gentle movement, or keeping a note of how you feel for your appointment.",
    "That is a question for a doctor or pharmacist, and I'd rather send you there than guess. If it helps, we can make a small habit around it: writing down when it happens, so you have something to show them.",
]
FOOD = [
    "What and how much to eat is for a dietitian or your doctor, who can look at your whole situation; I'd only be guessing. What I can help with is the routine around it, such as regular meals, cooking at home or a walk after eating. Shall we plan a few steady eating habits?",
    "I don't give eating advice or calorie numbers: a dietitian or doctor can, and asking one is a good step. Habits I can do: eating at regular times, eating without a screen, planning the week's shopping. Shall we plan a few steady eating habits?",
]
MEDICAL_URGENT = "Please stop exercising and get medical help now: what you describe can be serious. If it is happening right now or getting worse, call your local emergency number (112 in Europe, 911 in the US and Canada, 999 in the UK). Your habits can wait; I'll be here afterwards."
FINANCIAL = [
    "I can't tell you what to buy, sell or sign; a licensed adviser can look at your whole situation. What I can help with is the habit side: a weekly money check, noting what you spend, or moving a fixed amount to savings each payday. Shall we make a savings plan?",
    "Choosing investments, loans or tax steps is beyond what I should advise on; please ask a licensed adviser or a free money-advice service. I can help you build the routine underneath: saving a little each payday and looking at your budget once a week. Shall we make a savings plan?",
]

REPORTED_DONE = [
    "Well done. Tick it on your Today page so that it counts.",
    "Good. If you tick it on Today, it goes into your record.",
    "Nice, that one is behind you. A tick on Today keeps the count right.",
]
YES_TO_NOTHING = [
    "Good. I'm here when you want to go on.",
    "All right. What would you like to start with?",
]
NO_TO_NOTHING = ["That's fine. I'm here when you want something.", "No problem at all."]
STOPPED = ["All right, I'll stop there.", "Okay, we'll leave it."]
STOP_MESSAGES = [
    "Understood. Write STOP and I send you nothing unasked; Settings → Notifications has each kind. I won't argue about it.",
    "Of course. Settings → Notifications has every kind of message: turn off what you don't want, or write STOP for all of it.",
]
FORGET = [
    "You decide what stays. Under Settings → Privacy you can export or delete your data, and a conversation can be deleted from its own page. I can't delete it from here myself.",
    "Your data is yours: Settings → Privacy has both export and erasure, and each conversation can be deleted. From this chat I can't do it for you.",
]

ABOUT_ME = [
    "{name}This is what I can see right now:\n\n{list}\n\nIf something is off, you can correct it under What the coach knows.",
    "{name}What I have in front of me:\n\n{list}\n\nThat is all I work from; Settings lets you correct or delete it.",
]
ABOUT_ME_EMPTY = [
    "{name}So far I know hardly anything about you, apart from what you write here. Tell me a goal, and how much time you have, and I can work with that.",
    "{name}There is nothing in front of me yet but this conversation. A goal in one sentence would be a good start.",
]

# Motivation: what is theirs (autonomy), what already works (competence), who is with them (relatedness).
MOTIVATION = [
    "You don't need to feel like it first; starting usually comes before wanting.{habit} {small} And one honest question: what would doing it give you that you care about?",
    "Motivation comes and goes, so let's not lean on it.{habit} {small} It may help to remember whose idea this was: what made you choose it?",
    "Some days are like that, and a small version still counts.{habit} {small} What is the reason you picked this in the first place?",
]
MOTIVATION_CONCISE = [
    "No need to feel like it.{habit} {small}",
    "Do the small version.{habit} {small}",
]
MOTIVATION_HABIT = " You already have {habit} going."
MOTIVATION_GOAL = " You said you want this: {goal}."
MOTIVATION_SMALL = [
    "Try two minutes of it and then decide freely whether to go on.",
    "Do only the first two minutes, and stopping there is allowed.",
    "Put on the shoes, open the book, sit down: just the first move.",
]

FIND_TIME = [
    "I can't see your calendar, so take this as a rule of thumb: the best time is right after something you already do every day.{usual}{told} Keep one cue for two weeks before you move it. Which daily moment could it follow?",
    "Without your calendar I can only reason: a habit sticks best to a moment that already happens daily, such as after coffee or after brushing your teeth.{usual}{told} Which of your daily moments comes closest?",
]
FIND_TIME_TOLD = " You mentioned {time}, so try it there first."
FIND_TIME_USUAL = " You have {habit} in place already; doing the new one straight after it saves you from deciding."

PREDICT = [
    "I can't give you an honest number for that{what}: with fewer than five tries on record any percentage would be made up.{seen} What helps most is doing it at a fixed cue, small enough that a bad day still allows it.",
    "It's too early for me to say{what}, and I'd rather not invent a percentage.{seen} The best sign is the last two weeks: if you did it on most planned days, you will likely go on.",
]
PREDICT_SEEN = " What I can see: {line}."

ANALYZE_WITHOUT_TOOL = [
    "This is what I have in front of me:\n\n{list}\n\nThe Habits page shows the whole picture, day by day.",
    "From what I can see:\n\n{list}\n\nOn the Habits page you find each day of it.",
]
ANALYZE_NOTHING = [
    "There is nothing on record that I could judge yet. Tick a habit for a few days, and ask me again.",
    "It's too early for numbers: I don't see any habits on record. Shall we make a plan for one?",
]
NO_TOOL_FOR_IT = [
    "That is something I can't do from here just now. I can still talk it through with you: what is it for?",
    "I don't have what I need for that at the moment. Tell me what you are after, and I'll help as far as I can.",
]

# Offers that a plain "yes" accepts, with what the yes then stands for.
PROPOSALS = {
    "Shall we plan a few steady eating habits?": "make me a plan to eat better",
    "Shall we make a savings plan?": "make me a plan to save money regularly",
    "Shall we make a plan for one?": "make me a plan",
    "Shall we turn that into a plan?": "make me a plan",
    "Shall I look at how it's going?": "how am I doing?",
}
GOAL_HEARD = [
    "So your goal is this: {goal}. Shall we turn that into a plan?",
    "I hear a goal in that: {goal}. Shall we turn that into a plan?",
]
