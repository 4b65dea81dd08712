"""Conversations and messages as the templates show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat import catalogue, rendering
from chat.conversations import Heading
from chat.failure_policy import RULES
from chat.history import Line
from chat.models import Run
from chat.providers.base import Failure
from chat.providers.words import sentence


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one reply used and cost, and by which rule."""

    cost: int
    seconds: str
    model_label: str
    input: int
    cached: int
    cache_write: int
    output: int
    source: str
    rule: str
    rule_text: str
    price_text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a reply failed."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, repr=False)
class MessageView:
    """One message of the page."""

    uuid: UUID
    role: str
    blocks: list[SafeString]
    has_text: bool
    reasoning: str
    state: str
    run: UUID | None
    model_label: str
    receipt: Receipt | None
    error: Problem | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation in the sidebar."""

    uuid: UUID
    title: str
    is_current: bool


def messages(lines: Iterable[Line]) -> list[MessageView]:
    """Prepare a whole conversation."""
    labels = catalogue.labels()
    return [message(line, labels) for line in lines]


def message(line: Line, labels: dict[str, str]) -> MessageView:
    """Prepare one message; a reply still being written has no receipt yet."""
    return replace(frame(line, labels), blocks=blocks(line))


def frame(line: Line, labels: dict[str, str]) -> MessageView:
    """Prepare what stands around a message's words: rendering them can take a second."""
    run = line.run
    return MessageView(
        uuid=line.message.uuid,
        role=line.message.role,
        blocks=[],
        has_text=bool(line.text.strip()),
        reasoning=line.reasoning,
        state=state_of(run),
        run=run.uuid if run else None,
        model_label=labels.get(run.model, run.model) if run else "",
        receipt=receipt(run, labels) if run and run.state == Run.State.ENDED else None,
        error=problem(run.error_code) if run and run.error_code else None,
        created_at=line.message.created_at,
    )


def blocks(line: Line) -> list[SafeString]:
    """Render the words: a reply as Markdown, the person's own as they stand. Both come sanitised from `rendering`."""
    if line.run:
        return [mark_safe(block) for block in rendering.render(line.text)]  # noqa: S308
    return [mark_safe(rendering.plain_user_html(line.text))]  # noqa: S308


def state_of(run: Run | None) -> str:
    """Name the state of a message for the page: how its run ended, `running`, or `finished` for the person's own."""
    if run is None:
        return Run.End.FINISHED.value
    return run.end or Run.State.RUNNING.value


SOURCES: dict[str, Promise] = {
    "provider": gettext_lazy("counted by the provider"),
    "estimated": gettext_lazy("estimated in your favour"),
    "none": gettext_lazy("not counted"),
}


def receipt(run: Run, labels: dict[str, str]) -> Receipt:
    """Write the receipt of an ended run."""
    return Receipt(
        cost=run.cost,
        seconds=formats.number_format((run.total_ms or 0) / 1000, 1),
        model_label=labels.get(run.model, run.model),
        input=run.input_tokens,
        cached=run.cached_tokens,
        cache_write=run.cache_write_tokens,
        output=run.output_tokens,
        source=str(SOURCES.get(run.usage_source, "")),
        rule=run.rule,
        rule_text=str(RULES[run.rule].text) if run.rule in RULES else "",
        price_text=catalogue.price_text(run.price),
    )


def problem(code: str) -> Problem:
    """Put a failure into words."""
    if code in set(Failure):
        return Problem(code, str(sentence(Failure(code))))
    return Problem(code, _("Something went wrong on our side. Please try again."))


def foot_html(line: Line) -> str:
    """Render the quiet line under a reply, as the `ended` frame carries it."""
    return render_to_string("chat/_foot.html", {"message": frame(line, catalogue.labels())})


def pair_html(question: Line, reply: Line) -> str:
    """Render a new turn's two articles, as the `accepted` frame carries them."""
    return render_to_string("chat/_messages.html", {"messages": messages([question, reply])})


def by_day(
    headings: Iterable[Heading], current: UUID | None, zone: ZoneInfo, now: datetime
) -> list[tuple[str, list[Item]]]:
    """Group the sidebar by the reader's own days."""
    groups: list[tuple[str, list[Item]]] = []
    today = now.astimezone(zone).date()
    for heading in headings:
        label = day_label(heading.active_at.astimezone(zone).date(), today)
        if not groups or groups[-1][0] != label:
            groups.append((label, []))
        groups[-1][1].append(Item(heading.uuid, heading.title, heading.uuid == current))
    return groups


def day_label(day: date, today: date) -> str:
    """Name a day as people do: today, yesterday, a weekday within the week, else the month."""
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return formats.date_format(day, "l")
    return formats.date_format(day, "F Y")
