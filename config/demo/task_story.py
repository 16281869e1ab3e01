"""What the demo person had, and has, to do: data only, told in days before (or after) today."""

from dataclasses import dataclass
from datetime import time

from productivity.models import NudgeTrigger

# Everyday things: category, what, minutes, how much it is put off (0-1).
EVERYDAY: tuple[tuple[str, str, int, float], ...] = (
    ("work", "Answer the open mails", 30, 0.2),
    ("work", "Review Priya's draft", 45, 0.3),
    ("work", "Send the weekly figures", 20, 0.1),
    ("work", "Prepare Monday's meeting", 40, 0.3),
    ("work", "Write the minutes", 25, 0.5),
    ("work", "Book the meeting room", 5, 0.1),
    ("work", "Update the project board", 15, 0.2),
    ("work", "Call the supplier back", 15, 0.4),
    ("work", "Read the contract", 50, 0.6),
    ("work", "File the travel expenses", 30, 0.9),
    ("work", "Clean up the shared folder", 40, 0.8),
    ("home", "Vacuum the living room", 25, 0.3),
    ("home", "Fix the dripping tap", 45, 0.7),
    ("home", "Sort the mail on the desk", 15, 0.5),
    ("home", "Change the bed sheets", 15, 0.2),
    ("home", "Take out the old paper", 10, 0.2),
    ("home", "Descale the kettle", 10, 0.4),
    ("errands", "Buy vegetables", 30, 0.1),
    ("errands", "Return the library books", 25, 0.4),
    ("errands", "Pick up the parcel", 20, 0.2),
    ("errands", "Get new running socks", 30, 0.3),
    ("errands", "Bring the bike to the shop", 35, 0.5),
    ("family", "Call Mum", 20, 0.1),
    ("family", "Send Leo the photos", 10, 0.2),
    ("family", "Write to grandma", 25, 0.5),
    ("family", "Plan Sunday lunch", 15, 0.2),
    ("health", "Book the dentist", 10, 0.6),
    ("health", "Lay out the running clothes", 5, 0.0),
    ("health", "Stretch after the run", 15, 0.2),
    ("money", "Check the bank statement", 15, 0.5),
    ("money", "Cancel the old subscription", 10, 0.7),
    ("money", "Compare the electricity offers", 40, 0.9),
)


@dataclass(frozen=True)
class Open:
    """Something that is still to be done."""

    title: str
    category: str
    made: int
    due: int | None = None
    at: time | None = None
    minutes: int | None = None
    priority: int = 0
    snoozes: int = 0
    rests: int = 0
    description: str = ""
    steps: tuple[str, ...] = ()
    steps_done: int = 0


TAXES = "Hand in the tax return"
TALK = "Prepare the talk for the team day"
REPORT = "Write the quarterly report"
OPEN: tuple[Open, ...] = (
    Open(TAXES, "money", 24, -5, minutes=150, priority=3, snoozes=4),
    Open("Reply to the landlord", "home", 9, -2, minutes=15, priority=2, snoozes=2),
    Open("Return the jacket", "errands", 12, -1, minutes=30, snoozes=1),
    Open("Finish the slides for Thursday", "work", 4, 0, time(16), 60, 3),
    Open("Call the insurance", "money", 3, 0, minutes=15, priority=1),
    Open("Buy a birthday card for Leo", "family", 2, 0, minutes=20),
    Open("Send the invoice", "work", 1, 0, minutes=10, priority=2),
    Open(REPORT, "work", 7, 3, minutes=180, priority=3, snoozes=1),
    Open("Book the train to Porto", "family", 5, 2, minutes=20, priority=2),
    Open("Renew the passport", "home", 15, 12, minutes=40, priority=2, snoozes=1),
    Open("Water filter for the kitchen", "errands", 6, 5, minutes=20),
    Open("Feedback for Priya", "work", 2, 1, time(11), 30, 2),
    Open("Doctor's check-up", "health", 10, 6, time(9, 30), 45, 1),
    Open("Pay the club fee", "money", 3, 8, minutes=5),
    Open("Print the race number", "health", 4, 9, minutes=10),
    Open("Order new running shoes", "health", 11, 14, minutes=30, rests=3, snoozes=1),
    Open("Ask Sam K. about the bike rack", "errands", 8, minutes=10),
    Open("Learn to make sourdough", "home", 40, minutes=120, snoozes=2),
    Open("Sort the photos of the summer", "family", 33, minutes=240, rests=9, snoozes=3),
    Open("Read the guide to intervals", "health", 6, minutes=45),
    Open("Ideas for the balcony", "home", 18),
    Open(
        "Plan the long weekend",
        "family",
        8,
        10,
        minutes=90,
        priority=1,
        description="Three days in Porto; Leo comes along on Saturday.",
        steps=("Choose the days", "Book the room", "Look up the trains", "Make a packing list"),
        steps_done=1,
    ),
    Open(TALK, "work", 6, 7, minutes=120, priority=2),
)
# What comes again: title, category, rule, minutes, at what time, done so many hours after it was due to begin.
AGAIN: tuple[tuple[str, str, str, int, time | None], ...] = (
    ("Water the plants", "home", "FREQ=WEEKLY;BYDAY=SA", 15, None),
    ("Weekly review", "work", "FREQ=WEEKLY;BYDAY=FR", 30, time(16)),
)
# What the coach said about tasks: days ago, why, in which tone, what it could tell beside the task and its date, and what
# the person thought of it (if anything).
NUDGES: tuple[tuple[int, NudgeTrigger, str, dict[str, str], int | None], ...] = (
    (13, NudgeTrigger.DUE_SOON, "encouragement", {}, 1),
    (11, NudgeTrigger.DUE_SOON, "neutral", {}, None),
    (9, NudgeTrigger.SNOOZED_OFTEN, "neutral", {"times": "3 times"}, None),
    (8, NudgeTrigger.DUE_SOON, "encouragement", {}, 1),
    (5, NudgeTrigger.DUE_SOON, "minimalist", {}, 0),
    (4, NudgeTrigger.OVERDUE, "neutral", {"late": "yesterday"}, -1),
    (2, NudgeTrigger.DUE_SOON, "encouragement", {}, 1),
)
