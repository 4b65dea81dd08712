"""The chat's pages and partials; everything that streams goes over the websocket instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import standing
from accounts.models import User
from accounts.sign_ins.sessions import signed_in
from billing.accounts import balance
from caicaini.personal_data import Purpose
from caicaini.zones import zone_of
from chat import catalogue, conversations, history, notices, presenting, stopping
from chat.models import Conversation, Run


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """The conversation that a page shows."""

    uuid: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The sidebar's groups by day and where the next page starts."""

    groups: list[tuple[str, list[presenting.Item]]]
    before: str


@require_safe
@signed_in
def new_chat(request: HttpRequest, user: User) -> HttpResponse:
    """Show an empty conversation."""
    return render(request, "chat/page.html", _page(request, user, None, [], ""))


@require_safe
@signed_in
def conversation(request: HttpRequest, user: User, uuid: UUID) -> HttpResponse:
    """Show a conversation; with `?messages=1` only its messages, for a page that missed something."""
    row = conversations.find(user, uuid)
    key = conversations.key_of(row)
    views = presenting.messages(history.lines(row, key))
    if "messages" in request.GET:
        return render(request, "chat/_messages.html", {"messages": views})
    shown = OpenConversation(row.uuid, key.unseal_title(row.title))
    return render(request, "chat/page.html", _page(request, user, shown, views, row.model))


def _page(
    request: HttpRequest,
    user: User,
    shown: OpenConversation | None,
    views: list[presenting.MessageView],
    preferred: str,
) -> dict[str, Any]:
    offers = catalogue.offered(timezone.now())
    zone = zone_of(request)
    return {
        "conversation": shown,
        "messages": views,
        "models": offers,
        "selected_model": catalogue.default_slug(offers, preferred),
        "balance": balance(user),
        "sidebar": _sidebar(user, shown.uuid if shown else None, "", zone),
        "left_out": _left_out(shown),
        "zone": zone.key,
        "hindrance": standing.hindrance(user, Purpose.CHAT),
        "user": user,
    }


def _left_out(shown: OpenConversation | None) -> int:
    if shown is None:
        return 0
    runs_of = Run.objects.filter(conversation__uuid=shown.uuid).order_by("-id")
    return runs_of.values_list("left_out", flat=True).first() or 0


def _sidebar(user: User, current: UUID | None, before: str, zone: ZoneInfo) -> Sidebar:
    page = conversations.page(user, before)
    return Sidebar(presenting.by_day(page.headings, current, zone, timezone.now()), page.before)


@require_safe
@signed_in
def sidebar(request: HttpRequest, user: User) -> HttpResponse:
    """Give the sidebar, or its next page."""
    return _sidebar_answer(request, user, _uuid(request.GET.get("current", "")), request.GET.get("before", ""))


def _sidebar_answer(
    request: HttpRequest, user: User, current: UUID | None, before: str = "", deleted: Conversation | None = None
) -> HttpResponse:
    listed = _sidebar(user, current, before, zone_of(request))
    context = {"sidebar": listed, "deleted": deleted, "is_more": bool(before)}
    return render(request, "chat/_sidebar.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def rename(request: HttpRequest, user: User, uuid: UUID) -> HttpResponse:
    """Give the rename form, or rename and give the sidebar."""
    row = conversations.find(user, uuid)
    current = _uuid(request.GET.get("current", ""))
    if request.method != "POST":
        shown = OpenConversation(row.uuid, conversations.key_of(row).unseal_title(row.title))
        return render(request, "chat/_rename.html", {"conversation": shown, "current": current or ""})
    conversations.rename(user, uuid, request.POST.get("title", ""))
    notices.changed_now(user.uuid, "conversations", uuid)
    return _after_change(request, user, current)


@require_POST
@signed_in
def delete(request: HttpRequest, user: User, uuid: UUID) -> HttpResponse:
    """Hide at once and stop a running reply; privacy's purge destroys the rest within minutes."""
    row = conversations.hide(user, uuid, timezone.now())
    running = Run.objects.filter(conversation=row, state=Run.State.RUNNING).values_list("uuid", flat=True)
    stop_now(list(running))
    notices.changed_now(user.uuid, "conversations", uuid)
    current = _uuid(request.GET.get("current", ""))
    return _after_change(request, user, None if current == uuid else current, row)


@require_POST
@signed_in
def restore(request: HttpRequest, user: User, uuid: UUID) -> HttpResponse:
    """Undo a deletion within a minute."""
    conversations.restore(user, uuid, timezone.now())
    notices.changed_now(user.uuid, "conversations", uuid)
    return _after_change(request, user, _uuid(request.GET.get("current", "")))


def _after_change(
    request: HttpRequest, user: User, current: UUID | None, deleted: Conversation | None = None
) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _sidebar_answer(request, user, current, deleted=deleted)
    return redirect("conversation", current) if current else redirect("chat")


@async_to_sync
async def stop_now(uuids: list[UUID]) -> None:
    """Stop runs; under ASGI this runs on the loop that serves, where those of this process live."""
    for uuid in uuids:
        await stopping.stop(uuid)
