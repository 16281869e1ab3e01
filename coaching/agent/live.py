"""The runs of this process: each a task of the event loop that accepted it, talking to its listeners directly."""

import asyncio
import json
import logging
from contextlib import aclosing, suppress
from contextvars import Context
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from psycopg_pool import PoolTimeout

from accounts.models import User
from coaching.knowledge.citing import cited, shown
from coaching.llm.gateway import (
    ChatRequest,
    Degraded,
    Finished,
    ModelUnavailable,
    Restarted,
    TextDelta,
    ToolCallReady,
    stream_chat,
)
from coaching.models import RunStatus
from coaching.outreach.stopping import HELP, Wish, WishKind, wish_in_chat
from coaching.safety import CrisisHit, answer, check_output, raise_alert, screen
from coaching.toolkit import plainly_wanted

from .context import Prepared, prepare, tool_schemas
from .database import in_database, in_tool_thread
from .events import FINISHED, EventLog, close_streams
from .finishing import REPLY_STATUS, Outcome, save
from .history import result_for_model
from .keeper import keep, rest
from .runs import Started
from .tool_calls import ArgumentsInvalid, Call, checked, execute

FRAME_SECONDS = 0.05
MAX_CALLS_PER_STEP = 8
CHECKED_CHARACTERS = 1000
THINKING = "Thinking"
UNAVAILABLE = "No answer could be made just now."
BROKEN = "Something went wrong on our side."
DEGRADED = "My usual model cannot be reached right now, so a simpler built-in coach answers."
NO_WORDS = "I did not find words for this. Could you put it differently?"
logger = logging.getLogger(__name__)
_live: dict[UUID, "LiveRun"] = {}


class Withheld(Exception):
    """The model said what it may not say; the text is what is shown instead."""


@dataclass(frozen=True)
class Job:
    """What a run works from."""

    user: User
    started: Started
    hit: CrisisHit | None
    forced_call: tuple[str, dict[str, Any]] | None = None
    wish: Wish | None = None
    order: str = ""


# What carries a wish about unasked messages out, with a card and a way back.
WISHES = {WishKind.STOP: "stop_messages", WishKind.START: "resume_messages"}


def make_job(
    user: User, started: Started, forced_call: tuple[str, dict[str, Any]] | None = None
) -> Job:
    """Screens the message, and reads a STOP from it, both by rules.

    What the model is told is read by the run itself, after its first event left.
    """
    text = started.request.content
    hit = screen(text, country=user.country, locale=user.locale)
    if hit is not None or forced_call is not None:
        return Job(user, started, hit, forced_call)
    wish = wish_in_chat(user, text)
    wanted = plainly_wanted(user, text) if wish is None else None
    return Job(user, started, hit, wish=wish, order=wanted.name if wanted else "")


class LiveRun:
    """One answer in the making."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.run_id = job.started.run.pk
        self.reply_id = job.started.reply_id
        self.conversation_id = job.started.run.conversation_id
        self.loop = asyncio.get_running_loop()
        self.log = EventLog(self.run_id)
        self.text = ""
        self.saved_text = ""
        self.calls: list[Call] = []
        self._unsent = ""
        self._step_began_at = 0
        self._last_frame = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._state = ""
        self._in_tool = False
        self._stopping = False
        self._work: asyncio.Task[None] | None = None
        self._model = ""
        self._tokens: int | None = None
        self._is_crisis = False
        self._withheld: str | None = None
        self._sources: list[dict[str, Any]] = []
        self._prepared = Prepared([], None)

    # --- from outside -------------------------------------------------------------------------
    def stop(self) -> None:
        """Ends the answer here, keeping what was said. A tool that is at work finishes first."""
        self._stopping = True
        if self._work is not None and not self._in_tool:
            self._work.cancel()

    async def drive(self) -> None:
        """Makes the answer, saves it, and tells everybody; whatever happens, the run ends."""
        started = self.job.started
        self.log.emit(
            "run.started",
            conversation=str(self.conversation_id),
            user_message=str(started.request.pk),
            reply=str(self.reply_id),
        )
        self._say_state("thinking", THINKING)
        status, error = RunStatus.COMPLETED, ""
        self._work = asyncio.create_task(self._answer())
        if self._stopping:
            self._work.cancel()
        try:
            await self._work
            self._send_text()
        except asyncio.CancelledError:
            if not self._stopping:
                self._work.cancel()
                raise
            status = RunStatus.STOPPED if self._withheld is None else RunStatus.COMPLETED
        except Withheld as withheld:
            self._withheld = str(withheld)
        except ModelUnavailable:
            status, error = RunStatus.FAILED, UNAVAILABLE
        except Exception:
            logger.exception("run_failed id=%s", self.run_id)
            status, error = RunStatus.FAILED, BROKEN
        self._send_the_rest()
        self._settle_citations()
        await self._end(status, error)

    # --- the loop -----------------------------------------------------------------------------
    async def _answer(self) -> None:
        if self.job.hit is not None:
            await self._answer_crisis(self.job.hit)
            return
        if self.job.wish is not None:
            await self._heed(self.job.wish)
            return
        if self.job.order:
            await self._carry_out(self.job.order, {})
            return
        self._prepared = await in_database(
            prepare, self.job.user, self.job.started.request, timezone.now()
        )
        messages = list(self._prepared.messages)
        if self.job.forced_call is not None:
            name, arguments = self.job.forced_call
            call = ToolCallReady(f"call_{self.run_id.hex}", name, json.dumps(arguments))
            messages += await self._use_tools([call])
        for _ in range(settings.COACH_MAX_STEPS):
            wanted = await self._listen(messages)
            self._send_text()
            if not wanted:
                break
            messages += await self._use_tools(wanted)
        if not self.text:
            done = [call for call in self.calls if call.card]
            self._hear(str((done[-1].card or {})["summary"]) if done else NO_WORDS)
            self._send_text()

    async def _listen(self, messages: list[dict[str, Any]]) -> list[ToolCallReady]:
        """One turn of the model; gives the tools it asks for."""
        wanted: list[ToolCallReady] = []
        self._step_began_at = len(self.text)
        request = ChatRequest(messages, tool_schemas(), user_id=self.job.user.pk, purpose="chat")
        async with aclosing(stream_chat(request)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        if self.text and len(self.text) == self._step_began_at:
                            text = "\n\n" + text.lstrip()
                        self._hear(text)
                    case Restarted(keep_text):
                        self._replace(self.text[: self._step_began_at] + keep_text)
                    case ToolCallReady():
                        wanted.append(event)
                    case Degraded(reason=reason):
                        self.log.emit("notice", kind="degraded", text=DEGRADED, reason=reason)
                    case Finished(model=model, usage=usage):
                        self._model = model
                        used = usage.input_tokens + usage.output_tokens
                        self._tokens = (self._tokens or 0) + used
        return wanted[:MAX_CALLS_PER_STEP]

    async def _use_tools(self, wanted: list[ToolCallReady]) -> list[dict[str, Any]]:
        """Carries the calls out, in order; gives the messages that tell the model about them."""
        asked: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": []}
        results: list[dict[str, Any]] = []
        for ready in wanted:
            function = {"name": ready.name, "arguments": ready.arguments_json}
            try:
                json.loads(ready.arguments_json or "{}")
            except ValueError:
                function["arguments"] = "{}"  # providers refuse a history with broken JSON
            asked["tool_calls"].append({"id": ready.id, "type": "function", "function": function})
            content = await self._use_tool(ready)
            results.append(
                {
                    "role": "tool",
                    "tool_call_id": ready.id,
                    "name": ready.name,
                    "content": content,
                }
            )
        return [asked, *results]

    async def _use_tool(self, ready: ToolCallReady) -> str:
        try:
            tool, args = checked(ready.name, ready.arguments_json)
        except ArgumentsInvalid as problem:
            return json.dumps({"error": str(problem)})
        arguments = json.loads(args.model_dump_json())
        call = Call(ready.id, tool.name, tool.label, arguments)
        self.calls.append(call)
        self._say_state("tool", tool.label)
        self._show_card(call)
        self._in_tool = True
        try:
            await in_tool_thread(
                execute, tool, args, call, self.job.user, self.conversation_id, self.reply_id
            )
        finally:
            self._in_tool = False
        self._show_card(call)
        if self._stopping:
            raise asyncio.CancelledError
        self._say_state("thinking", THINKING)
        return result_for_model(call.stored())

    async def _heed(self, wish: Wish) -> None:
        """Carries out what the person wants of unasked messages; fixed words, no model."""
        if wish.kind == WishKind.HELP:
            self._hear(HELP)
            return
        await self._carry_out(WISHES[wish.kind], {"words": wish.words})

    async def _carry_out(self, tool: str, arguments: dict[str, str]) -> None:
        """What was asked for in so many words is done without a model."""
        call = ToolCallReady(f"call_{self.run_id.hex}", tool, json.dumps(arguments))
        await self._use_tools([call])
        done = self.calls[-1]
        self._hear(str(done.card["summary"]) if done.card else done.error)

    async def _answer_crisis(self, hit: CrisisHit) -> None:
        def to_safety() -> tuple[str, str]:
            words = answer(self.job.user, hit)
            raise_alert(self.job.user, hit, self.job.started.request.pk)
            return words.text, words.html

        self._is_crisis = True
        text, html = await in_database(to_safety)
        self.text = text
        self.log.emit("notice", kind="crisis", text=text, html=html)

    # --- telling ------------------------------------------------------------------------------
    def _say_state(self, state: str, label: str) -> None:
        if self._state != state or state == "tool":
            self._state = state
            self.log.emit("status", state=state, label=label)

    def _show_card(self, call: Call) -> None:
        members: dict[str, Any] = {"card": call.card} if call.card else {}
        if call.error:
            members["error"] = call.error
        self.log.emit(
            "card", call=call.id, name=call.name, label=call.label, state=call.status, **members
        )

    def _hear(self, text: str) -> None:
        """Takes text; the first is sent at once, then what gathers within a frame."""
        self._unsent += text
        self.text += text
        if self._timer is not None:
            return
        wait = self._last_frame + FRAME_SECONDS - monotonic()
        if wait <= 0:
            self._send_text()
        else:
            self._timer = self.loop.call_later(wait, self._frame_is_due)

    def _frame_is_due(self) -> None:
        self._timer = None
        try:
            self._send_text()
        except Withheld as withheld:
            self._withheld = str(withheld)
            self.stop()

    def _send_text(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._unsent:
            return
        instead = check_output(self.text[-CHECKED_CHARACTERS:])
        if instead is not None:
            self._unsent = ""
            raise Withheld(instead)
        self._say_state("replying", "Replying")
        delta, self._unsent = self._unsent, ""
        self._last_frame = monotonic()
        self.log.emit("text", delta=delta)

    def _send_the_rest(self) -> None:
        """What a stop or a failure left unsent, unless it may not be said."""
        try:
            if self._withheld is None:
                self._send_text()
        except Withheld as withheld:
            self._withheld = str(withheld)
        if self._withheld is not None:
            self._replace(self._withheld)
            self.log.emit("notice", kind="withheld", text=self._withheld)

    def _settle_citations(self) -> None:
        """Takes numbers out of the text that no passage has, and notes the sources of the others."""
        if self._is_crisis or self._withheld is not None:
            return
        settled = cited(self.text, self._prepared.passages)
        self._sources = settled.sources
        if settled.text != self.text:
            self._replace(settled.text)

    def _replace(self, text: str) -> None:
        """All text shown so far becomes `text`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._unsent = ""
        self.text = text
        self.log.emit("text", delta=text, reset=True)

    # --- the end ------------------------------------------------------------------------------
    async def _end(self, status: RunStatus, error: str) -> None:
        for call in self.calls:
            if call.status == "running":
                call.status, call.error = "failed", "It was stopped."
        members: dict[str, Any] = {
            "status": status.value,
            "message": {
                "id": str(self.reply_id),
                "status": REPLY_STATUS[status].value,
                "text": self.text,
                "sources": shown(self._sources, {each["slug"] for each in self._sources}),
            },
            "retry": status == RunStatus.FAILED,
        }
        if error:
            members["error"] = error
        finished = self.log.make(FINISHED, **members)
        outcome = Outcome(
            run_id=self.run_id,
            request_id=self.job.started.request.pk,
            reply_id=self.reply_id,
            status=status,
            text=self.text,
            calls=[call.stored() for call in self.calls],
            events=[*self.log.events, finished],
            sources=self._sources,
            model=self._model,
            tokens=self._tokens,
            prompt_version=self._prepared.prompt_version,
            is_crisis=self._is_crisis,
            error=error,
            prepared=self._prepared,
        )
        stands = await self._save(outcome)
        if not stands:
            finished |= {"status": RunStatus.FAILED.value, "retry": True}
            finished["message"] = {**finished["message"], "status": "failed"}
        _live.pop(self.run_id, None)
        self.log.send(finished)

    async def _save(self, outcome: Outcome) -> bool:
        """Saves, and tries again while the database is away."""
        until = monotonic() + settings.COACH_SAVE_PATIENCE_SECONDS
        pause = 0.2
        while True:
            try:
                return await in_database(save, outcome)
            except (DatabaseError, InterfaceError, PoolTimeout, OSError):
                if monotonic() + pause > until:
                    logger.exception("run_not_saved id=%s", self.run_id)
                    return False
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 1.6)


def live(run_id: UUID) -> LiveRun | None:
    """The run, if this process is making it."""
    return _live.get(run_id)


def all_live() -> list[LiveRun]:
    return list(_live.values())


def launch(job: Job) -> LiveRun:
    """Begins a run in the running event loop; a run that is on its way already is given back."""
    found = _live.get(job.started.run.pk)
    if found is not None:
        return found
    run = LiveRun(job)
    _live[run.run_id] = run
    # A run outlives the request that began it, so it must not inherit the request's context: Django's
    # bridge would send its database work to the request's thread, which ends first.
    task = asyncio.create_task(run.drive(), context=Context())
    _tasks.add(task)
    task.add_done_callback(lambda done: _forget(run, done))
    Context().run(keep, all_live)
    return run


async def settle() -> None:
    """Waits for the runs of this event loop to end, and lets go of what they shared: for an orderly end."""
    loop = asyncio.get_running_loop()
    await asyncio.gather(
        *(task for task in _tasks if task.get_loop() is loop), return_exceptions=True
    )
    await rest()
    await close_streams()


_tasks: set[asyncio.Task[None]] = set()


def _forget(run: LiveRun, task: asyncio.Task[None]) -> None:
    _tasks.discard(task)
    _live.pop(run.run_id, None)
    with suppress(asyncio.CancelledError):
        if error := task.exception():
            logger.error("run_broke id=%s", run.run_id, exc_info=error)
