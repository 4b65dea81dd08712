"""The websocket's edge: who is there, one frame in, frames out; what frames do stands in `chat.speaking`."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import NotSignedIn
from accounts.models import TokenFamily, User
from accounts.sign_ins.sessions import SocketPass, open_socket, still_there
from caicaini import pool
from caicaini.errors import CaicainiError
from chat import draining, following, frames, presence, runs, speaking
from chat.errors import BadFrame, Restarting
from chat.following import Found
from chat.frames import Ack, AnyFrame, Follow, Ping, Quote, Send, Stop, Unfollow
from chat.windows import Window

log = structlog.get_logger(__name__)
# Private codes only: the server below refuses to send 1009 and the like and drops the connection without a word.
SIGNED_OUT, FOREIGN_ORIGIN, NOWHERE, IDLE, TOO_LARGE, TOO_MANY_ERRORS = 4401, 4403, 4404, 4408, 4413, 4429
RESTARTING = 4503
IDLE_AFTER = 120.0  # seconds
MOST_REFUSALS, REFUSALS_WITHIN = 60, 60.0
MOST_FOLLOWED = 32


class ChatConsumer(AsyncWebsocketConsumer):
    """One tab, or one program, of one person."""

    user: User | None = None
    held: SocketPass | None = None
    entered: UUID | None = None  # by whose uuid it is known to be here
    is_outlived = False  # the access token is over, and only running replies go on

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follows: dict[UUID, asyncio.Task[None]] = {}
        self.window = Window()
        self.counting = asyncio.Lock()
        self.refusals: deque[float] = deque(maxlen=MOST_REFUSALS)
        self.idle: asyncio.TimerHandle | None = None
        self.outliving: asyncio.TimerHandle | None = None

    async def __call__(self, *args: Any) -> None:
        try:
            await super().__call__(*args)
        finally:  # however the socket ended: nothing of it goes on
            self._let_go()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Spare the thread hop that looks after database connections before each frame: `caicaini.pool` has its own."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        await self.accept()
        if not is_own_origin(self.scope):
            await self.close(FOREIGN_ORIGIN)
            return
        if draining.is_draining():
            await self.close(RESTARTING)
            return
        self.held = await pool.run(open_socket, self.scope)
        if self.held is None:
            await self._leave()
            return
        self.user = self.held.family.user
        await self._welcome(self.held)

    async def _welcome(self, held: SocketPass) -> None:
        assert self.user
        left = (held.until - timezone.now()).total_seconds()
        self.outliving = asyncio.get_running_loop().call_later(max(left, 0), self._outlive)
        if hub := runs.connect():
            await hub.subscriber.joined()
        self.entered = self.user.uuid
        presence.enter(self.entered, self)
        async with self.counting:
            balance = await speaking.balance_fields(self.user)
            await self.say("ready", {"limits": speaking.LIMITS, "balance": balance})
        self._rewind_idle()

    async def disconnect(self, code: int) -> None:
        self._let_go()

    def _let_go(self) -> None:
        self.user = None
        if self.entered:
            presence.leave(self.entered, self)
        for timer in filter(None, (self.idle, self.outliving)):
            timer.cancel()
        for task in self.follows.values():
            task.cancel()

    @property
    def is_following(self) -> bool:
        return bool(self.follows)

    async def send_elsewhere(self) -> None:
        """The process ends: the client opens another socket, and goes on where it was."""
        await self._shut(RESTARTING)

    async def _shut(self, code: int) -> None:
        self._let_go()
        await self.close(code)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.user is None:
            return
        self._rewind_idle()
        text = text_data if text_data is not None else ""
        if max(len(text.encode()), len(bytes_data or b"")) > frames.LARGEST_FRAME:
            await self._shut(TOO_LARGE)
            return
        try:
            frame = frames.parse(text)
        except BadFrame as error:
            await self.refuse(error, frames.head(text).id)
            return
        await self._obey(frame)

    async def _obey(self, frame: AnyFrame) -> None:
        try:
            if isinstance(frame, Ack | Ping | Unfollow):
                await self._note(frame)
            elif self.is_outlived and not isinstance(frame, Stop):
                await self._shut(SIGNED_OUT)  # the client renews its token, opens another socket and says it again
            elif await self._who():
                await self._act(frame)
        except Restarting:  # without a word about the send: it comes again over the next connection
            await self.send_elsewhere()
        except CaicainiError as error:
            await self.refuse(error, frame.id, getattr(frame, "run", None))
        except Exception:  # a bug in one frame must not take the tab's other conversations down
            log.exception("socket.frame_failed", kind=type(frame).__name__)
            await self.refuse(_our_fault(), frame.id, getattr(frame, "run", None))

    async def _note(self, frame: Ack | Ping | Unfollow) -> None:
        """Take what changes nothing, without asking who is there."""
        match frame:
            case Ack():
                self.window.acknowledge(frame.run, frame.seq)
            case Ping():
                await self.say("pong", {"id": frame.id})
            case Unfollow():
                self._unfollow(frame.run)

    async def _act(self, frame: AnyFrame) -> None:
        assert self.user
        match frame:
            case Send():
                is_program = self.held is not None and self.held.family.kind == TokenFamily.Kind.CLI
                accepted = await speaking.send(self.user, frame, is_program=is_program)
                self._unfollow(accepted.found.run.uuid)  # no frame of an earlier follow comes behind this answer
                await self.say("accepted", {"id": frame.id, **accepted.fields})
                self._follow(accepted.found, 0, frame.format == "html")
            case Follow():
                found = await pool.run(following.find, self.user, frame.run)
                self._unfollow(frame.run)
                await self.say("following", {"id": frame.id, "run": str(frame.run), "state": found.run.state})
                self._follow(found, frame.after, frame.format == "html")
            case Stop():
                await self.say("stopping", {"id": frame.id, **await speaking.stop(self.user, frame.run)})
            case Quote():
                await self.say("quoted", {"id": frame.id, **await speaking.quote(self.user, frame)})

    async def _who(self) -> User | None:
        """Ask again who is there: the sign-in may have ended since the last frame."""
        found = await pool.run(still_there, self.held) if self.held else None
        if found is None:
            await self._leave()
            return None
        self.user = found
        return found

    async def _leave(self) -> None:
        self._let_go()
        await self.say("signed_out", {})
        await self.close(SIGNED_OUT)

    def _follow(self, found: Found, after: int, is_html: bool) -> None:
        if self.user is None:  # the socket was closed meanwhile
            return
        if len(self.follows) >= MOST_FOLLOWED:
            self._unfollow(next(iter(self.follows)))
        self.follows[found.run.uuid] = asyncio.create_task(self._forward(self.user, found, after, is_html))

    def _unfollow(self, run: UUID) -> None:
        task = self.follows.pop(run, None)
        if task:
            task.cancel()

    async def _forward(self, user: User, found: Found, after: int, is_html: bool) -> None:
        try:
            await following.follow(user, found, after, is_html, partial(self._push, found.run.uuid))
        except CaicainiError as error:
            await self.refuse(error, "", found.run.uuid)
        except Exception:
            log.exception("socket.follow_failed", run=str(found.run.uuid))
            await self.refuse(_our_fault(), "", found.run.uuid)
        finally:
            if self.follows.get(found.run.uuid) is asyncio.current_task():
                del self.follows[found.run.uuid]
            if self.is_outlived and not self.follows and self.user:
                self._outlive()

    async def _push(self, run: UUID, kind: str, fields: dict[str, Any]) -> None:
        """Send a frame of a reply, as soon as the client is near enough."""
        if not self.window.has_room:
            await self.window.wait()
        data = frames.encode(kind, fields)
        if "seq" in fields:
            self.window.sent(run, fields["seq"], len(data))
        await self._send(data)

    async def say(self, kind: str, fields: dict[str, Any]) -> None:
        """Send one frame, to nobody when the other side has just left."""
        await self._send(frames.encode(kind, fields))

    async def _send(self, data: bytes) -> None:
        try:
            # Straight to the server: Channels' own methods on the way only put this together.
            await self.base_send({"type": "websocket.send", "text": data.decode()})
        except Exception:  # each server has its own for this; the message that tells of it is on its way
            log.debug("socket.left", exc_info=True)
            self._let_go()

    async def refuse(self, error: CaicainiError, frame_id: str, run: UUID | None = None) -> None:
        """Send an error frame; a client that only makes errors is shown out."""
        now = time.monotonic()
        if len(self.refusals) == MOST_REFUSALS and now - self.refusals[0] < REFUSALS_WITHIN:
            await self._shut(TOO_MANY_ERRORS)
            return
        self.refusals.append(now)
        await self.say("error", {"id": frame_id, **error.as_dict(), "run": str(run) if run else None})
        if isinstance(error, NotSignedIn):
            await self._leave()

    def _rewind_idle(self) -> None:
        if self.idle:
            self.idle.cancel()
        self.idle = asyncio.get_running_loop().call_later(IDLE_AFTER, self._close_idle)

    def _outlive(self) -> None:
        """The access token is over: the socket goes on until its running replies have ended."""
        self.is_outlived = True
        if not self.follows:
            self.closing = asyncio.create_task(self._shut(SIGNED_OUT))

    def _close_idle(self) -> None:
        self.closing = asyncio.create_task(self._shut(IDLE))

    async def hear(self, notice: dict[str, Any]) -> None:
        """Pass a notice on, and the balance with it; or leave, when it says that this sign-in is over."""
        if self.user is None:
            return
        if notice["kind"] == "signed_out":
            if self.held and notice["family"] in {None, str(self.held.family.uuid)}:
                await self._leave()
            return
        if notice["what"] != "balance":
            await self.say("changed", {key: notice[key] for key in ("what", "conversation", "run")})
        await self._say_balance()

    async def miss_notices(self) -> None:
        """Redis was away, and whatever it should have brought is lost: ask for it."""
        try:
            if self.user and await self._who():
                await self._say_balance()
        except DatabaseError:
            log.exception("socket.not_asked")

    async def _say_balance(self) -> None:
        try:
            # One after the other: of two that were read at once, the older one might be sent last, and stay.
            async with self.counting:
                if self.user:
                    await self.say("balance", await speaking.balance_fields(self.user))
        except DatabaseError:  # the next notice brings it; the replies that stream here must not end with it
            log.exception("socket.balance_failed")


class NowhereConsumer(AsyncWebsocketConsumer):
    """Any other websocket address."""

    async def connect(self) -> None:
        await self.close(NOWHERE)


def is_own_origin(scope: dict[str, Any]) -> bool:
    """Whether a socket that carries cookies was opened by a page of this site (cross-site hijacking otherwise)."""
    headers = dict(scope.get("headers", ()))
    if b"cookie" not in headers:
        return True
    host = headers.get(b"host", b"").decode("latin-1")
    scheme = "https" if settings.IS_TLS else "http"
    own = {f"{scheme}://{host}", f"{scheme}://{urlsplit(settings.SITE_URL).netloc}"}
    return headers.get(b"origin", b"").decode("latin-1") in own


def _our_fault() -> CaicainiError:
    return CaicainiError(
        _("Something went wrong on our side. Try again: the same message is never billed twice."),
        code="internal",
        status=500,
    )
