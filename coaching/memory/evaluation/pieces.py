"""The pieces of the evaluation set: what people say, and how one asks for it later.

The last question of each list is asked of held-back people only.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """Something that changes: values, ways to state one, ways to ask for the one that holds now."""

    values: tuple[str, ...]
    said: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that happened once, told in a sentence; `rest` is what a second telling adds."""

    said: str
    asked: tuple[str, ...]
    rest: str = ""


FACTS = (
    Fact(
        (
            "six in the morning",
            "seven in the morning",
            "half past twelve",
            "five in the afternoon",
            "eight in the evening",
        ),
        (
            "I train at {v} now.",
            "My workouts have moved to {v}.",
            "These days I lift weights at {v}, it suits me.",
        ),
        (
            "What time do I exercise?",
            "When do my training sessions take place?",
            "At what hour am I at the gym?",
        ),
    ),
    Fact(
        ("72 kilos", "68 kilos", "80 kilos", "76 kilos", "64 kilos"),
        (
            "My target is to get down to {v}.",
            "I would like to weigh {v} by the end of it.",
            "We agreed on {v} as my goal weight.",
        ),
        (
            "What is my goal weight?",
            "How much do I want to weigh?",
            "Which number on the scale am I aiming for?",
        ),
    ),
    Fact(
        ("vegetarian", "vegan", "pescatarian", "gluten free", "low carb"),
        (
            "I have started to eat {v}.",
            "I am {v} now, please keep that in mind.",
            "At home we cook {v} these days.",
        ),
        (
            "What kind of diet do I follow?",
            "How do I eat nowadays?",
            "Which foods should my recipes respect?",
        ),
    ),
    Fact(
        (
            "one cup of coffee",
            "two cups of coffee",
            "three cups of coffee",
            "no coffee at all",
            "only decaf",
        ),
        (
            "I am on {v} a day.",
            "My limit is {v}, otherwise I lie awake.",
            "I allow myself {v} before noon.",
        ),
        (
            "How much coffee do I drink?",
            "What is my caffeine limit?",
            "How many espressos am I allowed?",
        ),
    ),
    Fact(
        ("half past ten", "eleven at night", "midnight", "ten sharp", "a quarter to eleven"),
        ("I go to bed at {v}.", "Lights out is {v} for me.", "I try to be asleep by {v}."),
        (
            "When is my bedtime?",
            "What time do I go to sleep?",
            "By which hour do I want to be under the covers?",
        ),
    ),
    Fact(
        (
            "the night shift at the hospital",
            "office hours from home",
            "a four day week",
            "rotating shifts",
            "freelance jobs",
        ),
        ("At work I am on {v} now.", "My job changed: {v}.", "I switched to {v} this month."),
        (
            "What does my work schedule look like?",
            "How are my working hours arranged?",
            "What kind of employment rhythm do I have?",
        ),
    ),
    Fact(
        ("my left knee", "my lower back", "my right shoulder", "my ankle", "my wrist"),
        (
            "{v} has been hurting since last week, so I go easy.",
            "The physio says I must be careful with {v}.",
            "I feel a sharp pain in {v} when I run.",
        ),
        (
            "Which part of my body is injured?",
            "What do I have to be careful with when I exercise?",
            "Where does it ache?",
        ),
    ),
    Fact(
        ("half marathon", "10k race", "triathlon", "100 km bike ride", "mountain trail run"),
        (
            "I signed up for a {v} in autumn.",
            "The big thing this year is the {v}.",
            "I am preparing for a {v} with a plan from a magazine.",
        ),
        (
            "Which race am I preparing for?",
            "What event did I sign up for?",
            "What sporting challenge is coming up for me?",
        ),
    ),
    Fact(
        (
            "oatmeal with berries",
            "eggs on toast",
            "a green smoothie",
            "yoghurt with nuts",
            "nothing until noon",
        ),
        ("For breakfast I have {v}.", "My mornings start with {v}.", "Breakfast has become {v}."),
        (
            "What do I have for breakfast?",
            "How does my first meal of the day look?",
            "What do I eat after getting up?",
        ),
    ),
    Fact(
        (
            "gentle and patient",
            "short and direct",
            "full of jokes",
            "strict like a drill sergeant",
            "only facts",
        ),
        (
            "Please talk to me {v}, that works best.",
            "I like it when you are {v} with me.",
            "Be {v} when I fall off the wagon.",
        ),
        (
            "How do I like to be spoken to?",
            "Which tone should the coach use with me?",
            "What manner of encouragement suits me?",
        ),
    ),
    Fact(
        ("Lisbon", "Hamburg", "a village near Leeds", "Toronto", "Valencia"),
        (
            "We moved to {v}.",
            "I live in {v} now and know nobody yet.",
            "Since the move I run along the streets of {v}.",
        ),
        ("Where do I live?", "Which place did I move to?", "In what town is my home?"),
    ),
    Fact(
        (
            "ten minutes of meditation",
            "a breathing exercise",
            "a page in my journal",
            "a cold shower",
            "stretching on the balcony",
        ),
        (
            "My morning ritual is {v}.",
            "I begin the day with {v} before the phone.",
            "To calm down I do {v} right after waking.",
        ),
        (
            "What is my morning ritual?",
            "How do I begin the day?",
            "What routine comes before I look at my phone?",
        ),
    ),
    Fact(
        ("40 euros a week", "60 euros a week", "200 a month", "25 euros a week", "90 euros a week"),
        (
            "I budget {v} for groceries.",
            "We may spend {v} on food.",
            "The shopping must stay under {v}.",
        ),
        (
            "What is my grocery budget?",
            "How much money can I spend on food?",
            "What may the weekly shop cost?",
        ),
    ),
    Fact(
        ("Spanish", "the cello", "Portuguese", "watercolour painting", "chess openings"),
        (
            "In the evenings I learn {v}.",
            "I want to practise {v} for twenty minutes daily.",
            "My new hobby is {v}.",
        ),
        (
            "What am I learning?",
            "Which hobby do I practise in the evenings?",
            "What skill am I teaching myself?",
        ),
    ),
    Fact(
        (
            "chocolate after dinner",
            "crisps in front of the television",
            "biscuits at my desk",
            "ice cream at weekends",
            "soft drinks at lunch",
        ),
        ("My weak spot is {v}.", "I cannot resist {v}.", "What ruins my week is {v}."),
        (
            "What is my weak spot with food?",
            "Which temptation do I struggle with?",
            "What snack trips me up?",
        ),
    ),
    Fact(
        (
            "Mondays and Thursdays",
            "Tuesdays and Fridays",
            "every other day",
            "weekends only",
            "Wednesdays and Sundays",
        ),
        ("I swim on {v}.", "The pool is on my calendar {v}.", "Swimming happens {v} from now on."),
        (
            "On which days do I swim?",
            "When am I at the pool?",
            "How often do I do laps in the water?",
        ),
    ),
)

# {n} a name, {p} a place, {f} a food: filled by the draw.
EVENTS = (
    Event(
        "I hiked up to the lighthouse at {p} with {n}.",
        (
            "Who did I hike to the lighthouse with?",
            "With whom did I walk up to the lighthouse?",
            "Which companion came along to the beacon on the hill?",
        ),
        "The wind nearly took my hat.",
    ),
    Event(
        "I gave a talk at the library in {p} and my voice shook.",
        (
            "Where did I give a talk?",
            "When did I speak in public at the library?",
            "In which town was I nervous on stage?",
        ),
        "Afterwards people came to thank me.",
    ),
    Event(
        "I adopted a grey cat named Biscuit from the shelter in {p}.",
        ("What is my cat called?", "Which pet did I adopt?", "What animal lives with me?"),
        "She sleeps on my running shoes.",
    ),
    Event(
        "I broke my streak because the train to {p} was delayed four hours.",
        (
            "Why did I break my streak?",
            "What made my streak end?",
            "Which trouble on the railway cost me my run of days?",
        ),
        "I ate two sandwiches out of boredom.",
    ),
    Event(
        "I cooked {f} for {n} and it was a triumph.",
        (
            "Who did I cook for?",
            "What did I cook that went so well?",
            "Which dish impressed my guest?",
        ),
        "We had seconds and thirds.",
    ),
    Event(
        "My blood pressure check at the clinic in {p} came back fine.",
        (
            "What were the results of my check at the clinic?",
            "How was my blood pressure?",
            "What did the nurse's measurement show?",
        ),
        "I had worried for weeks.",
    ),
    Event(
        "I cried in the car after the meeting with {n} at work.",
        (
            "When did I cry after a meeting?",
            "Who upset me at work?",
            "Which colleague left me in tears?",
        ),
        "Nobody saw it, I think.",
    ),
    Event(
        "I ran my first five kilometres without stopping in the park at {p}.",
        (
            "Where did I run five kilometres without stopping?",
            "When did I first run 5k in one go?",
            "What was my first distance without a walking break?",
        ),
        "My watch says thirty four minutes.",
    ),
    Event(
        "I deleted the shopping app after spending 300 on shoes with {n}.",
        (
            "Why did I delete the shopping app?",
            "How much did I spend on shoes?",
            "Which purchase made me remove a program from my phone?",
        ),
        "The bank called it a lesson.",
    ),
    Event(
        "{n} taught me to bake sourdough with a starter from {p}.",
        (
            "Who taught me to bake?",
            "Where did my sourdough starter come from?",
            "From whom did I pick up making bread?",
        ),
        "The second loaf was edible.",
    ),
    Event(
        "I slept through the alarm and missed the bus tour of {p} with {n}.",
        (
            "What did I miss because I overslept?",
            "Which tour did I miss?",
            "What outing was lost to my not waking up?",
        ),
        "They sent me photographs.",
    ),
    Event(
        "I quit smoking on the day {n} had her baby.",
        (
            "When did I quit smoking?",
            "On which occasion did I stop smoking?",
            "What happened on the day of my last cigarette?",
        ),
        "I gave the lighter away.",
    ),
    Event(
        "I bought a second hand bicycle in {p} from {n}.",
        (
            "Where did I buy my bicycle?",
            "Who sold me the bike?",
            "How did I come by my two-wheeler?",
        ),
        "It is red and too heavy.",
    ),
    Event(
        "I fainted during the spinning class led by {n}.",
        (
            "In which class did I faint?",
            "When did I pass out?",
            "During what workout did I lose consciousness?",
        ),
        "I had skipped lunch.",
    ),
    Event(
        "I planted tomatoes and basil on the balcony with {n}.",
        ("What did I plant?", "Who helped me on the balcony?", "Which vegetables am I growing?"),
        "The pigeons are interested.",
    ),
    Event(
        "I lost my headphones on the ferry to {p}.",
        (
            "Where did I lose my headphones?",
            "What did I lose on the ferry?",
            "Which belonging vanished on the boat?",
        ),
        "Now I listen to my own steps.",
    ),
    Event(
        "I got the promotion and celebrated with {f} at {p}.",
        (
            "How did I celebrate the promotion?",
            "Where did I celebrate?",
            "What did I eat when the good news from work came?",
        ),
        "My parents called twice.",
    ),
    Event(
        "I had a panic attack in the supermarket in {p} and {n} drove me home.",
        (
            "Who drove me home?",
            "Where did I have a panic attack?",
            "Who helped when I was overwhelmed in the shop?",
        ),
        "We sat in the kitchen in silence.",
    ),
    Event(
        "I volunteered at the soup kitchen in {p} and served {f}.",
        (
            "Where did I volunteer?",
            "What did I serve at the soup kitchen?",
            "Where did I help people in need?",
        ),
        "My feet hurt in a good way.",
    ),
    Event(
        "I finished the whole puzzle of {p} with {n} during the storm.",
        (
            "What did I do during the storm?",
            "Who did the puzzle with me?",
            "How did I pass the time in bad weather?",
        ),
        "One piece is still missing.",
    ),
)

# {n} the name; the same relation never has two names for one person.
RELATIONS = (
    "sister",
    "brother",
    "best friend",
    "neighbour",
    "mother in law",
    "running partner",
    "boss",
    "flatmate",
)
ABOUT_OTHERS = (
    (
        "{n} works as a {v} and never has time before eight.",
        ("What does {n} do for work?", "What is {n}'s job?", "How does {n} earn a living?"),
        ("pastry chef", "bus driver", "dentist", "bookseller", "carpenter", "geologist"),
    ),
    (
        "{n} is allergic to {v}, so we never have it at home.",
        ("What is {n} allergic to?", "Which food must {n} avoid?", "What can't {n} eat?"),
        ("peanuts", "shellfish", "kiwi", "sesame", "celery", "strawberries"),
    ),
    (
        "{n} plays {v} on Thursdays and wants me to join.",
        (
            "What does {n} play on Thursdays?",
            "Which game does {n} want me to join?",
            "What sport is {n} into?",
        ),
        ("badminton", "table tennis", "padel", "handball", "darts", "rugby"),
    ),
    (
        "{n} moved to {v} in spring and I miss the visits.",
        ("Where did {n} move to?", "Which city does {n} live in?", "Where is {n}'s new home?"),
        ("Oslo", "Naples", "Dublin", "Krakow", "Ghent", "Porto"),
    ),
)

NAMES = (
    "Carla",
    "Jonas",
    "Priya",
    "Owen",
    "Mireille",
    "Tomas",
    "Aisha",
    "Bruno",
    "Hanna",
    "Dmitri",
    "Leila",
    "Marco",
    "Ingrid",
    "Yusuf",
    "Petra",
    "Callum",
    "Noor",
    "Rafael",
    "Saskia",
    "Kofi",
    "Elena",
    "Piotr",
    "Zoe",
    "Henrik",
)
PLACES = (
    "Brighton",
    "the old harbour",
    "Ghent",
    "Salamanca",
    "the Lake District",
    "Bergen",
    "Trieste",
    "Galway",
    "the Black Forest",
    "Utrecht",
    "Whitby",
    "Coimbra",
)
FOODS = (
    "mushroom risotto",
    "lentil soup",
    "baked salmon",
    "vegetable curry",
    "ricotta dumplings",
    "bean chilli",
    "potato salad",
    "fish tacos",
    "pumpkin stew",
    "noodle soup",
)

# What fills the days: much of it, alike, and seldom asked for.
CHATTER = (
    "Had {food} for {meal}, felt {mood} afterwards.",
    "Walked {minutes} minutes {when}, {mood} the whole way.",
    "Slept {hours} hours and woke up {mood}.",
    "Skipped the {activity} {when} because I was {mood}.",
    "Did {minutes} minutes of {activity} {when}.",
    "Drank {glasses} glasses of water today, a {mood} day otherwise.",
    "The {activity} went well, I was {mood} and slept {hours} hours.",
    "Too much screen time {when}, {minutes} minutes of it in bed.",
    "Made {food} again for {meal}.",
    "Feeling {mood} about {activity} {when}.",
    "Did I do enough {activity} this week?",
    "Should I have {food} for {meal} again?",
    "Work was {mood}, so no {activity} {when}.",
    "Weighed myself {when}, no change, a bit {mood}.",
)
FILLINGS = {
    "food": (
        "porridge",
        "chicken and rice",
        "a big salad",
        "leftover pasta",
        "soup",
        "a burrito",
        "toast and cheese",
        "sushi",
        "stir fry",
        "an omelette",
    ),
    "meal": ("lunch", "dinner", "a late supper", "brunch"),
    "mood": (
        "tired",
        "content",
        "proud",
        "restless",
        "stressed",
        "calm",
        "hopeful",
        "grumpy",
        "focused",
        "low",
    ),
    "minutes": ("10", "15", "20", "25", "35", "40", "50", "75"),
    "hours": ("five", "six", "six and a half", "seven", "eight", "nine"),
    "glasses": ("three", "four", "six", "eight"),
    "when": (
        "this morning",
        "after lunch",
        "in the evening",
        "before work",
        "on the way home",
        "late at night",
    ),
    "activity": (
        "yoga",
        "jogging",
        "strength training",
        "reading",
        "the plank",
        "cycling",
        "journaling",
        "push-ups",
    ),
}

OPENINGS = (
    "Hey {other}! ",
    "Hi {other}, good to hear from you. ",
    "Oh, before I forget: ",
    "Guess what, ",
    "So, ",
    "You won't believe it. ",
    "Well, ",
    "",
)
REACTIONS = (
    "Wow, that's great! How did it feel?",
    "Oh no, really? Tell me more.",
    "That sounds lovely, {other}. What happened next?",
    "I'm so happy for you! Any plans now?",
    "Ha, typical! Did you take pictures?",
    "Interesting. Why is that?",
)
REPLIES = (
    "It was honestly more than I had hoped for.",
    "Strange at first, but then it was fine.",
    "I still think about it every day.",
    "Thanks {other}, that means a lot to me.",
    "Let's see, I want to do it again soon.",
    "Not sure yet, but it made me happy.",
)
SMALL_TALK = (
    "How have you been lately?",
    "The weather is dreadful here today.",
    "Anyway, I should go and feed the dog.",
    "Talk to you soon, take care!",
    "Did you see that film everybody speaks of?",
    "I'm having tea right now, it is so cosy.",
    "My week was busy as always.",
    "Thanks for listening, it helps.",
)
ANSWERS = ("For now it is", "Oh, that would be", "Since last month:", "As you know me,", "Still")
