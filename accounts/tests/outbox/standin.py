"""A mail server on loopback that does to each recipient what the test says: accept, refuse, hang, drop the line."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tools import ports

ACCEPT = "250 taken"
DROP = "drop after data"  # the message is taken, and the line is dead before the answer
HANG = "hang"
HANG_AFTER_DATA = "hang after data"
WORDS = "5.1.1 <{}>: the mailbox of this person is gone"  # servers quote the address


class MailServer:
    """What came in, and what each recipient meets next."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []  # of those also the sender got to know
        self.seen: list[EmailMessage] = []  # all whose content arrived
        self.tries: dict[str, int] = defaultdict(int)
        self.sender_reply = ACCEPT
        self._rcpt: dict[str, list[str]] = {}
        self._data: dict[str, list[str]] = {}

    def meets(self, address: str, *fates: str) -> None:
        """Let each attempt at this address meet the next of `fates`, the last one for ever."""
        for fate in fates:
            is_at_data = fate in {DROP, HANG_AFTER_DATA} or fate.startswith("data ")
            self._rcpt.setdefault(address, []).append(ACCEPT if is_at_data else fate)
            self._data.setdefault(address, []).append(fate.removeprefix("data ") if is_at_data else ACCEPT)

    async def handle_MAIL(  # noqa: N802  (aiosmtpd's names)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_reply == ACCEPT:
            envelope.mail_from = address
        return self.sender_reply

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries[address] += 1
        fate = self._fate(self._rcpt, address)
        if fate == HANG:
            await asyncio.Event().wait()
        if fate == ACCEPT:
            envelope.rcpt_tos.append(address)
            return ACCEPT
        return f"{fate} {WORDS.format(address)}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.seen.append(message)
        (address,) = envelope.rcpt_tos
        fate = self._fate(self._data, address)
        if fate == HANG_AFTER_DATA:
            await asyncio.Event().wait()
        if fate == DROP:
            cast("asyncio.WriteTransport", server.transport).abort()
        if fate == ACCEPT:
            self.taken.append(message)
            return ACCEPT
        return f"{fate} {WORDS.format(address)}"

    def _fate(self, fates: dict[str, list[str]], address: str) -> str:
        left = fates.get(address, [ACCEPT])
        number = min(self.tries[address], len(left)) - 1
        return left[number]


@contextmanager
def running(settings: Any) -> Iterator[MailServer]:
    """Start one and lead Django's mail there."""
    server = MailServer()
    controller = Controller(server, hostname=ports.HOST, port=ports.any_free())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = ports.HOST, controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield server
    finally:
        controller.stop()
