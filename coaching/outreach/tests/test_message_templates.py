"""The reviewed templates that come with the product."""

import re
from io import StringIO

import pytest
import yaml
from django.core.management import call_command

from coaching.management.commands.load_message_templates import DATA, files, rows_of
from coaching.models import MessageCause, MessageTemplate
from coaching.outreach.nudging import CHECK_IN
from coaching.outreach.policy.words import filled, names_in

ROWS = yaml.safe_load(DATA.read_text())
ALL = [row for file in files() for row in rows_of(file)]
FACTS = {
    "habit": "Evening walk",
    "tiny": "Put your shoes on",
    "cue": "After dinner, I will walk.",
    "goal": "Run 5 kilometres",
    "total": "12",
    "week": "2 of 3 this week",
}
# Guilt, threats of loss, hype, pressure, and anything on the body.
UNKIND = re.compile(
    r"\b(?:fail\w*|lazy|excuse\w*|disappoint\w*|asham\w*|guilt\w*|should have|must|never|lose|losing|lost|"
    r"break(?:ing)? your|streak|last chance|hurry|don't miss|only today|amazing|awesome|crush|smash|"
    r"incredible|unstoppable|weight|calorie\w*|again you|you forgot|behind)\b|!",
    re.IGNORECASE,
)


def load(**options: object) -> str:
    out = StringIO()
    call_command("load_message_templates", stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_every_template_is_kind_short_and_fits_its_facts(row):
    assert not UNKIND.search(row["text"])
    assert len(row["text"]) <= 160
    known = set(FACTS) if row["purpose"] == "habits.due" else set()
    assert names_in(row["text"]) <= known
    said = filled(row["text"], FACTS)
    assert "{" not in said
    assert ".." not in said
    assert said.endswith((".", "?"))


def test_there_is_enough_to_choose_from_and_no_key_twice():
    assert len({row["key"] for row in ROWS}) == len(ROWS) >= 30
    always = [
        row for row in ROWS if row["purpose"] == "habits.due" and names_in(row["text"]) <= {"habit"}
    ]
    assert len(always) >= 10, "for habits of which nothing more is known"
    assert {row["cause"] for row in ROWS if row["purpose"] == CHECK_IN} == {MessageCause.CHECK_IN}


def test_loading_twice_adds_nothing_and_what_staff_edited_stays(db):
    assert load(dry_run=True).endswith("would be added.\n")
    assert not MessageTemplate.objects.exists()
    load()
    assert MessageTemplate.objects.count() == len(ALL) == len({row["key"] for row in ALL})
    MessageTemplate.objects.filter(key=ROWS[0]["key"]).update(text="In our own words.")
    assert load() == f"0 of {len(ALL)} message templates added.\n"
    assert MessageTemplate.objects.get(key=ROWS[0]["key"]).text == "In our own words."
