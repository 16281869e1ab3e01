"""What a plan must respect: a person's limits, and what is for professionals."""

import re
from collections.abc import Iterable
from datetime import date

from accounts.age import is_minor
from accounts.models import User
from coaching import language
from habits.catalogue.schema import PlaybookEntry

from .draft import Note

SEE_DOCTOR = {
    "heart": "With a heart condition or high blood pressure, please talk to your doctor before you raise the effort. I planned gentle movement only.",
    "pregnant": "Congratulations, and please check the plan with your doctor or midwife. I left out running and heavy work.",
    "diabetes": "With diabetes, please talk to your doctor first: exercise and food change how your medication works.",
    "asthma": "With asthma, keep your inhaler with you, warm up long, and ask your doctor about effort.",
    "knee": "With a sore knee I planned low-impact movement instead of running. If it hurts for more than two weeks, have it looked at.",
    "back": "With a sore back I chose gentle strength. Numbness or pain down the leg belongs to a doctor soon.",
    "foot": "With a sore foot I planned low-impact movement instead of running.",
    "shoulder": "With a sore shoulder I chose gentle strength in a pain-free range.",
}
BY_KIND = {
    "exercise": "If you are new to exercise, have a condition, or feel chest pain, dizziness or breathlessness at rest: stop and ask a doctor first.",
    "weight": "I plan habits, not calories or a pace on the scale. This is not medical advice; with a condition, medication, or a history with eating, please talk to your doctor.",
    "money": "These are habits for handling money. I give no advice on products or investments; for that, ask an independent adviser.",
    "mind": "If low mood, worry or stress weighs on most of your days, a doctor or therapist can help more than habits can.",
    "alcohol": "If you drink every day, or feel shaky or sick without it, please speak to a doctor before you stop: stopping suddenly can be dangerous.",
    "smoking": "Most people need several tries. A doctor, pharmacist or quit line with medication raises your chances clearly.",
    "sleep": "Loud snoring with pauses, or poor sleep three nights a week for three months, is for a doctor: it can be treated well.",
}
UNDERSTOOD = {
    "no_gym": "no gym", "no_equipment": "no equipment", "no_running": "no running",
    "no_floor": "nothing on the floor", "shift_work": "shift work", "no_money": "no extra cost",
    "small_children": "small children", "knee": "knee", "back": "back", "foot": "foot",
    "shoulder": "shoulder", "heart": "heart", "pregnant": "pregnancy", "asthma": "asthma",
    "diabetes": "diabetes", "eating_disorder": "history with eating",
}  # fmt: skip


class PlanRefused(Exception):
    """No plan can be made; the text says why, kindly, and where help is."""


def constraints_of(given: str | Iterable[str], goal: str) -> tuple[list[str], list[str]]:
    """The tags of what a plan must respect, and what was said but fits no tag."""
    parts = [given] if isinstance(given, str) else list(given)
    tags: list[str] = []
    unknown: list[str] = []
    for part in filter(None, (part.strip() for part in parts)):
        tag = re.sub(r"[\s-]+", "_", part.lower())
        if tag in UNDERSTOOD:
            tags.append(tag)
            continue
        found = [constraint.tag for constraint in language.parse_constraints(part)]
        tags += found
        if not set(found) & UNDERSTOOD.keys():
            unknown.append(part)
    tags += [constraint.tag for constraint in language.parse_constraints(goal)]
    return list(dict.fromkeys(tag for tag in tags if tag in UNDERSTOOD)), unknown


def check_allowed(playbook: PlaybookEntry, constraints: list[str], user: User, today: date) -> None:
    """Raises `PlanRefused` where the product keeps out: weight goals of minors, in pregnancy, with an
    eating disorder."""
    if "weight" not in playbook.safety:
        return
    if is_minor(user, today):
        raise PlanRefused(
            "Plans around food and weight are for adults. A doctor, or an adult you trust, can help you "
            "well. I am glad to plan movement, sleep or something else with you."
        )
    if playbook.slug == "lose-weight" and "pregnant" in constraints:
        raise PlanRefused(
            "During pregnancy weight belongs with your doctor or midwife. I can plan gentle walks, rest or "
            "good meals with you, if they agree."
        )
    if "eating_disorder" in constraints:
        raise PlanRefused(
            "Thank you for telling me. With a history of disordered eating I make no plan around food or "
            "weight: a doctor or a specialist service is the right help. I can plan sleep, calm or time "
            "with people with you."
        )


def notes_for(playbook: PlaybookEntry, constraints: list[str]) -> list[Note]:
    """What a careful coach says beside the plan."""
    lines = [SEE_DOCTOR[tag] for tag in constraints if tag in SEE_DOCTOR]
    if playbook.category != "fitness" and "exercise" not in playbook.safety:
        lines = [
            SEE_DOCTOR[tag] for tag in constraints if tag in ("diabetes",) and tag in SEE_DOCTOR
        ]
    lines += [BY_KIND[kind] for kind in playbook.safety]
    return [Note(kind="safety", text=line) for line in lines]
