"""One turn of a conversation: what is asked, what it may cost, and the one transaction that starts it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import standing
from accounts.models import User
from billing import holds, prices, rows
from billing.accounts import account_of, balance
from billing.models import Hold, Price
from caicaini import vault
from caicaini.errors import CaicainiError
from caicaini.personal_data import Purpose
from chat import catalogue, context, conversations, errors, history, limits
from chat.content import BODY, ContentKey
from chat.models import CatalogueModel, Conversation, Message, Run
from chat.providers.base import Request, Role, Turn

LONGEST_TEXT = 100_000  # characters
FIND_REQUEST = "SELECT id FROM chat_run WHERE user_id = %s AND request_id = %s"


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What a person wants to send."""

    request_id: UUID
    conversation: UUID | None
    model: str
    text: str
    client: str = Run.Client.PAGE


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """A stored turn. `order` is what its run must do, and None when the run existed already."""

    run: Run
    conversation: Conversation
    message: Message
    reply: Message
    is_new_conversation: bool
    order: Order | None


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """Everything a run needs, in memory only."""

    run: UUID
    user: UUID
    provider: str
    model: str
    request: Request
    key: ContentKey


@dataclass(frozen=True, slots=True)
class Quote:
    """The most that a send could cost now, in micro-credits.

    `is_affordable` says whether it would be taken. The balance may pay for a shorter reply only: then `is_shortened`,
    and `most` is what that could cost.
    """

    most: int
    is_affordable: bool
    is_shortened: bool
    left_out: int


@dataclass(frozen=True, slots=True, repr=False)
class _Plan:
    model: CatalogueModel
    price: Price
    conversation: Conversation
    key: ContentKey
    is_new: bool
    parent: Message | None
    context: context.Context


def send(user: User, draft: Draft, now: datetime) -> Sent:
    """Store the message, the reply's stub, the run and its hold in one transaction.

    The same `request_id` again gives the first run and bills nothing, and NotFound once that was deleted. Raises
    CaicainiError with nothing written: not enough credit, no such conversation or model, too long, a reply still
    running, a provider that does not answer, too much at once, an account that may not chat.
    """
    earlier = _earlier(user, draft.request_id)
    if earlier:
        return earlier
    standing.require(user, Purpose.CHAT, now)
    check_text(draft.text)
    try:
        with limits.counted_send(user, now):
            return _send_first(user, draft, now)
    except (IntegrityError, CaicainiError) as error:
        earlier = _earlier(user, draft.request_id)  # a twin of this request was faster
        if earlier:
            return earlier
        if isinstance(error, IntegrityError) and _was_sent(user, draft):
            raise errors.conversation_not_found() from None
        raise


def _was_sent(user: User, draft: Draft) -> bool:
    """Whether it was sent, answered and purged."""
    return Hold.objects.filter(run=_run_of(user, draft.request_id)).exists()


def _send_first(user: User, draft: Draft, now: datetime) -> Sent:
    plan = _plan(user, draft, now)
    try:
        return _store(user, draft, plan, now)
    except Exception:
        _forget_key_of_new(plan)
        raise


def check_text(text: str) -> None:
    """Raise ChatError for a text that cannot be sent."""
    if not text.strip():
        raise errors.text_empty()
    if len(text) > LONGEST_TEXT:
        raise errors.text_too_long(LONGEST_TEXT)


def _earlier(user: User, request_id: UUID) -> Sent | None:
    """Give what this request made the first time; raises NotFound when that was deleted."""
    with connection.cursor() as cursor:  # nearly always there is none: see billing.rows for why this is plain SQL
        cursor.execute(FIND_REQUEST, (user.pk, rows.value(Run, "request_id", request_id)))
        found = cursor.fetchone()
    if found is None:
        return None
    run = Run.objects.select_related("conversation", "message", "reply").get(pk=found[0])
    if run.conversation.hidden_at:
        raise errors.conversation_not_found()
    return Sent(run, run.conversation, run.message, run.reply, run.message.parent_id is None, None)


def _run_of(user: User, request_id: UUID) -> UUID:
    """Name the run of a request, always the same: the hold's unique key refuses a second one for ever, rows or not."""
    return uuid.uuid5(user.uuid, str(request_id))


def _plan(user: User, draft: Draft, now: datetime) -> _Plan:
    model = catalogue.get_answering(draft.model)
    price = prices.current(model.slug, now)
    new_turn = Turn(Role.USER, draft.text)
    if draft.conversation is None:
        chosen = _choose([], new_turn, model)
        fresh = Conversation(uuid=uuid.uuid4(), owner=user, model=model.slug, created_at=now, active_at=now)
        key = ContentKey(fresh.uuid, vault.create(fresh.uuid, now))
        fresh.title = cast(memoryview, key.seal_title(conversations.title_from(draft.text)))
        return _Plan(model, price, fresh, key, True, None, chosen)
    found = conversations.find(user, draft.conversation)
    key = conversations.key_of(found)
    _require_quiet(found)  # before the messages are read: a reply that ends meanwhile would be read half-written
    opened = history.words(found, key)
    limits.require_room_for_a_turn(len(opened))
    chosen = _choose(history.turns(opened), new_turn, model)
    return _Plan(model, price, found, key, False, opened[-1].message if opened else None, chosen)


def _choose(turns: list[Turn], new: Turn, model: CatalogueModel) -> context.Context:
    room = min(model.usual_output, model.context_window // 2)
    return context.choose(turns, new, window=model.context_window, room_for_reply=room)


def _wanted_output(model: CatalogueModel, input_tokens: int) -> int:
    return min(model.usual_output, model.max_output, model.context_window - input_tokens)


def _store(user: User, draft: Draft, plan: _Plan, now: datetime) -> Sent:
    account = account_of(user)
    run_uuid = _run_of(user, draft.request_id)
    with transaction.atomic():
        # The account row first, everything else after it: settlement takes the same order, so the two never deadlock.
        hold = holds.place(
            account.pk,
            run_uuid,
            plan.price,
            input_tokens=plan.context.input_tokens,
            wanted_output=_wanted_output(plan.model, plan.context.input_tokens),
            least_output=plan.model.least_output,
            now=now,
        )
        limits.require_room_for_a_run(account.pk)
        _claim_conversation(plan, now)
        message = _message(plan, Role.USER, draft.text, plan.parent, now)
        reply = _message(plan, Role.ASSISTANT, "", message, now)
        run = Run(
            uuid=run_uuid,
            request_id=draft.request_id,
            user=user,
            conversation=plan.conversation,
            message=message,
            reply=reply,
            client=draft.client,
            model=plan.model.slug,
            provider=plan.model.provider,
            price=plan.price,
            held=hold.amount,
            max_output=hold.max_output,
            left_out=plan.context.left_out,
            started_at=now,
            heartbeat_at=now,
        )
        rows.insert(run)
    request = Request(plan.model.vendor_model, plan.context.turns, hold.max_output, options=plan.model.options or None)
    order = Order(run_uuid, user.uuid, plan.model.provider, plan.model.slug, request, plan.key)
    return Sent(run, plan.conversation, message, reply, plan.is_new, order)


def _claim_conversation(plan: _Plan, now: datetime) -> None:
    """Create or lock the conversation's row; from here to the commit nobody else adds to it or hides it."""
    if plan.is_new:
        rows.insert(plan.conversation)
        return
    visible = Conversation.objects.filter(pk=plan.conversation.pk, hidden_at=None)
    if not visible.update(active_at=now, model=plan.model.slug):
        raise errors.conversation_not_found()
    _require_quiet(plan.conversation)
    last = Message.objects.filter(conversation=plan.conversation).order_by("-id").values_list("id", flat=True).first()
    if last != (plan.parent.pk if plan.parent else None):
        raise errors.reply_running()  # another tab's turn came and went since the history was read


def _require_quiet(conversation: Conversation) -> None:
    if Run.objects.filter(conversation=conversation, state=Run.State.RUNNING).exists():
        raise errors.reply_running()


def _message(plan: _Plan, role: Role, text: str, parent: Message | None, now: datetime) -> Message:
    row = Message(uuid=uuid.uuid4(), conversation=plan.conversation, parent=parent, role=role.value, created_at=now)
    row.body = cast(memoryview, plan.key.seal(row.uuid, BODY, text))
    rows.insert(row)
    return row


def _forget_key_of_new(plan: _Plan) -> None:
    if plan.is_new:
        vault.destroy([plan.conversation.uuid])


def quote(user: User, conversation: UUID | None, model_slug: str, characters: int, now: datetime) -> Quote:
    """Say the most that sending a text of so many UTF-8 bytes could cost: what the hold would take now.

    Raises CaicainiError for a model or a conversation that `send` would refuse.
    """
    model = catalogue.get_answering(model_slug)
    price = prices.current(model.slug, now)
    turns: list[Turn] = []
    if conversation:
        found = conversations.find(user, conversation)
        turns = history.turns(history.words(found, conversations.key_of(found)))
    chosen = _choose(turns, Turn(Role.USER, "x" * min(characters, LONGEST_TEXT * 4)), model)
    wanted = _wanted_output(model, chosen.input_tokens)
    paid = price.most_output(balance(user).available, chosen.input_tokens, wanted)
    is_affordable = paid >= min(model.least_output, wanted)
    most = holds.quote(price, input_tokens=chosen.input_tokens, wanted_output=paid if is_affordable else wanted)
    return Quote(most, is_affordable, is_affordable and paid < wanted, chosen.left_out)


def sent_now(user: User, draft: Draft) -> Sent:
    """`send` with the clock; what the edges call on a pool thread."""
    return send(user, draft, timezone.now())
