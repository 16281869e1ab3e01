"""A model's text is used only when it rests on what was given; else it is told why, and then done without."""

import json
from typing import Any

import pytest
from pytest_django import Settings

from coaching.llm.tests.model_server import Count, ModelServer, Status, whole
from coaching.models import CoachingProfile, PromptStatus
from coaching.personalization import generation
from coaching.personalization.sentences import PROFILE, Sentence
from coaching.personalization.writing import composer
from coaching.personalization.writing.facts import Material, gather
from coaching.personalization.writing.model_writer import _given, _ways

from .stories import NOW, somebody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _patience(model_server: ModelServer, settings: Settings) -> None:
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = settings.COACH_STALL_TIMEOUT_SECONDS = 20.0


def drafted(material: Material, *more: dict[str, Any]) -> str:
    """What a well-behaved model would answer: the built-in text with the ids of what it rests on."""
    facts = {fact.key: f"f{number}" for number, fact in enumerate(_given(material), 1)}
    ways = {text: f"w{number}" for number, (_, text) in enumerate(_ways(material), 1)}

    def of(sentence: Sentence) -> dict[str, Any]:
        ids = [facts[key] for key in sentence.fact_keys if key in facts]
        return {"text": sentence.text, "ids": ids or [ways.get(sentence.text, "w1")]}

    sentences = composer.compose(material)
    told = [each for each in sentences if each.section not in (PROFILE, "stance", "limits")]
    said = {each.text for each in told}
    # A model uses the ways of working, too: with them the length is well within its bounds.
    unused = [(section, text) for section, text in _ways(material) if text not in said][:6]
    return json.dumps(
        {
            "portrait": [of(each) for each in sentences if each.section == PROFILE],
            "prompt": [
                *({**of(each), "section": each.section} for each in told),
                *(
                    {"section": section, "text": text, "ids": [ways[text]]}
                    for section, text in unused
                ),
                *more,
            ],
        }
    )


def test_a_good_text_goes_live_without_what_rests_on_nothing(model_server: ModelServer) -> None:
    user = somebody()
    material = gather(user, now=NOW)
    assert material is not None
    invented = {"section": "life", "text": "Mia said they love opera.", "ids": ["f99"]}
    model_server.will(whole(drafted(material, invented), usage=Count(1000, 500)))

    revision = generation.generate(user.pk, reason="consultation", now=NOW)

    assert revision is not None
    assert revision.model == "openai/scripted"
    assert revision.cost_microdollars == 2000
    assert "opera" not in revision.prompt
    assert "Do not diagnose" in revision.prompt
    [request] = model_server.received
    assert "data about the person" in request.body["messages"][0]["content"]
    assert request.body["max_tokens"] == 4000


def test_a_wrong_sentence_is_told_once_and_mended(model_server: ModelServer) -> None:
    user = somebody()
    material = gather(user, now=NOW)
    assert material is not None
    wrong = {"section": "life", "text": "Mia said they have insomnia.", "ids": ["f1"]}
    model_server.will(whole(drafted(material, wrong)), whole(drafted(material)))

    revision = generation.generate(user.pk, reason="consultation", now=NOW)

    assert revision is not None
    assert revision.model == "openai/scripted"
    assert "insomnia" not in revision.prompt
    told = model_server.received[1].body["messages"][-1]["content"]
    assert "It infers something about health that was not said" in told


def test_a_useless_text_is_tried_again_and_then_written_by_rules(
    model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    user = somebody()
    useless = '{"portrait": [], "prompt": []}'
    model_server.will(*[whole(useless) for _ in range(6)])
    generation.begin(user, reason="consultation", now=NOW)

    for number in (1, 2):
        with pytest.raises(generation.WritingFailed):
            generation.attempt(user.pk, reason="consultation", now=NOW, number=number)
    assert CoachingProfile.objects.get(user=user).prompt_status == PromptStatus.GENERATING
    revision = generation.attempt(user.pk, reason="consultation", now=NOW, number=3)

    assert revision is not None
    assert revision.model == "builtin/coach"
    assert CoachingProfile.objects.get(user=user).prompt_status == PromptStatus.READY
    assert "personalized_prompt_generation_failed" in caplog.text


def test_a_model_that_is_down_is_asked_again_before_rules_write(model_server: ModelServer) -> None:
    user = somebody()
    model_server.will(*[[Status(500)] for _ in range(8)])
    generation.begin(user, reason="consultation", now=NOW)

    with pytest.raises(generation.WritingFailed):
        generation.attempt(user.pk, reason="consultation", now=NOW, number=1)
    revision = generation.attempt(user.pk, reason="consultation", now=NOW, number=3)

    assert revision is not None
    assert revision.model == "builtin/coach"


def test_what_is_no_text_at_all_ends_in_the_same_way(model_server: ModelServer) -> None:
    user = somebody()
    model_server.will(whole("I would rather talk about opera."), whole("Sorry."))

    revision = generation.generate(user.pk, reason="consultation", now=NOW)

    assert revision is not None
    assert revision.model == "builtin/coach"
