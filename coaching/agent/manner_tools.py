"""The coach changes how it talks when it is told to: words in the chat are as good as the settings page."""

from typing import Any, Literal

from django.db import transaction
from pydantic import BaseModel, Field

from accounts.models import User
from coaching import context_cache
from coaching.learning import adaptation
from coaching.learning.wishes import DETAILED, NEVER, OFTEN, SHORT, Manner, wishes_in
from coaching.models import Preferences
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, Undo, slot, tool, undo

SETTING_OF = {
    (Manner.LENGTH, SHORT): ("detail_level", "minimal"),
    (Manner.LENGTH, DETAILED): ("detail_level", "comprehensive"),
    (Manner.EMOJI, NEVER): ("emoji_preference", "never"),
    (Manner.EMOJI, OFTEN): ("emoji_preference", "often"),
}
# The style that goes with how much is explained, where the person has not chosen one.
STYLE_OF = {"minimal": "concise", "comprehensive": "detailed"}
DONE = {
    ("detail_level", "minimal"): "I'll keep it short from now on.",
    ("detail_level", "moderate"): "I'll explain as much as usual from now on.",
    ("detail_level", "comprehensive"): "I'll go into more detail from now on.",
    ("emoji_preference", "never"): "No more emoji.",
    ("emoji_preference", "rarely"): "I'll use emoji rarely.",
    ("emoji_preference", "sometimes"): "I'll use an emoji now and then.",
    ("emoji_preference", "often"): "I'll use emoji often.",
    ("communication_style", "concise"): "I'll be concise.",
    ("communication_style", "detailed"): "I'll be detailed.",
    ("communication_style", "encouraging"): "I'll be encouraging.",
    ("communication_style", "direct"): "I'll be direct.",
}


class MannerArgs(BaseModel):
    """How the person wants to be talked to."""

    words: str = Field(
        default="",
        max_length=200,
        description="What the person said about it, in their words",
        json_schema_extra=slot("words"),
    )
    detail_level: Literal["", "minimal", "moderate", "comprehensive"] = Field(
        default="", description="How much to explain", json_schema_extra=slot("setting")
    )
    emoji_preference: Literal["", "never", "rarely", "sometimes", "often"] = Field(
        default="", description="How often to use emoji", json_schema_extra=slot("setting")
    )
    communication_style: Literal["", "concise", "detailed", "encouraging", "direct"] = Field(
        default="", description="The tone", json_schema_extra=slot("setting")
    )


@tool(
    "coaching.change_how_i_talk",
    description="Change how the coach talks to the person: length of answers, emoji, tone",
    args=MannerArgs,
    effect=Effect.WRITE,
    label="Changing how I talk",
    cues=(
        r"^(?:(?:a (?:bit|little)|much|even|way) )?(?:shorter|briefer|less (?:text|words|detail)|more details?)(?:,? please)?[.! ]*$",
        r"\b(?:keep|make) (?:it|them|your (?:answers?|replies|messages?|responses?)) (?:\w+ )?(?:short(?:er)?|brief(?:er)?|concise)\b",
        r"\b(?:shorter|briefer|more concise|longer|more detailed) (?:answers?|repl(?:y|ies)|messages?|responses?)\b",
        r"\b(?:your |the )(?:answers?|repl(?:y|ies)|messages?|responses?) (?:is|are) (?:\w+ )?too (?:long|short|wordy|brief)\b",
        r"\b(?:be|get) (?:more |a bit more )?(?:brief|concise|succinct|to the point)(?:er)?\b",
        r"\b(?:no|without|stop (?:using|with|sending)|do not use|use|more|some|fewer) (?:\w+ )?(?:emojis?|emoticons?|smileys?)\b",
    ),
)
def change_how_i_talk(context: ToolContext, args: MannerArgs) -> Card:
    """Sets what was asked for as the person's own choice, and offers to take it back."""
    wanted = {
        name: getattr(args, name) for name in adaptation.SETTINGS if getattr(args, name) != ""
    }
    if not wanted:
        wanted = dict(SETTING_OF[wish.manner, wish.value] for wish in wishes_in(args.words))
    if not wanted:
        raise ToolRefused(
            "I can talk shorter or in more detail, and with or without emoji. Which do you like?"
        )
    before = _set(context.user, wanted)
    said = " ".join(DONE[name, value] for name, value in wanted.items())
    return Card(
        title="How I talk",
        summary=f"{said} You can change it in Settings at any time.",
        undo=Undo(verb="coaching.talk_as_before", args=before),
    )


@undo("coaching.talk_as_before")
def talk_as_before(user: User, args: dict[str, Any]) -> Card:
    """Puts the settings back as they were."""
    with transaction.atomic():
        row = Preferences.objects.select_for_update().get(user=user)
        for name in adaptation.SETTINGS:
            if name in args:
                setattr(row, name, args[name])
        row.chosen = args["chosen"]
        row.save()
        context_cache.invalidate(user.pk)
    return Card(title="How I talk", summary="I'll talk as before.")


def _set(user: User, wanted: dict[str, str]) -> dict[str, Any]:
    """Sets and marks as chosen; returns what it was."""
    Preferences.objects.get_or_create(user=user)
    with transaction.atomic():
        row = Preferences.objects.select_for_update().get(user=user)
        style = STYLE_OF.get(wanted.get("detail_level", ""))
        changes = dict(wanted)
        # "Shorter, please" is also a wish for another tone, unless a tone was chosen.
        if style and "communication_style" not in row.chosen:
            changes.setdefault("communication_style", style)
        before: dict[str, Any] = {name: getattr(row, name) for name in changes}
        before["chosen"] = list(row.chosen)
        for name, value in changes.items():
            setattr(row, name, value)
        adaptation.choose(row, wanted)
        row.save()
        context_cache.invalidate(user.pk)
    return before
