"""The built-in coach and what it was told before."""

from coaching.llm.builtin.coach import answer
from coaching.llm.builtin.replies import Text

SYSTEM = """\
Now: Wednesday, 17 June 2026, 10:00 (Europe/Berlin).

About the person: Who they are
- Name: Ada

About the person: What they told you before
- On 3 May 2026: "I hate cooking on Mondays because I come home late"
- On 4 December 2025: "My sister says \\"just run\\""
"""


def said(text: str, system: str = SYSTEM) -> str:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return "".join(reply.text for reply in answer(messages, []) if isinstance(reply, Text))


def test_it_brings_up_what_was_told_about_the_very_thing() -> None:
    reply = said("I keep failing at cooking, I never manage it")
    assert "3 May" in reply
    assert "I hate cooking on Mondays because I come home late" in reply


def test_it_leaves_the_rest_alone() -> None:
    assert "3 May" not in said("I keep failing at meditation, I never manage it")
    assert "3 May" not in said("Hello")


def test_it_says_what_was_said_with_its_dates() -> None:
    reply = said("What did I tell you about Mondays?")
    assert "3 May: “I hate cooking" in reply
    assert '4 December 2025: “My sister says "just run"”' in reply


def test_it_says_so_when_nothing_was() -> None:
    reply = said("What did I tell you about Mondays?", "Now: 17 June 2026, 10:00")
    assert "told me about that" in reply


def test_a_line_in_another_form_is_no_memory() -> None:
    system = SYSTEM.replace('On 3 May 2026: "I hate', "On 3 May 2026: I hate")
    assert "3 May" not in said("I keep failing at cooking, I never manage it", system)


def test_what_was_told_stands_before_what_the_library_says() -> None:
    passages = (
        "\n\nKnowledge passages:\n"
        '[1] {"title": "Cooking at home a little more often", "text": "Cooking is less a skill than a chain '
        "of small habits: knowing what there will be, having the things in the house, beginning before you "
        'are starving. Start with a single evening a week and make that one reliable."}'
    )
    reply = said("I keep failing at cooking on Mondays, why is it so hard?", SYSTEM + passages)
    assert "3 May" in reply
    assert reply.index("3 May") < reply.index("[1]")
