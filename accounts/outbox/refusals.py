"""What went wrong with a mail server, as a short code: its own words may quote the address and are never kept."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt failed. `is_final`: trying again is no use. `is_outage`: it would have met any other mail too."""

    code: str
    is_final: bool = False
    is_outage: bool = False


def understand(error: Exception) -> Refusal:
    """Tell what an exception of smtplib or of the network means.

    A 5xx about the recipient or the content (RFC 5321, 4.2.1) is final; one about us - sender, password, greeting - is
    an outage: whoever set the server up can mend it, and then the mails still go.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _about_this_mail("rcpt", _first_reply(error))
    if isinstance(error, smtplib.SMTPDataError):
        return _about_this_mail("data", error.smtp_code)
    if isinstance(error, smtplib.SMTPResponseException):
        return Refusal(f"{_stage(error)}_{_digits(error.smtp_code)}", is_outage=True)
    if any(isinstance(cause, TimeoutError) for cause in _chain(error)):
        return Refusal("timeout", is_outage=True)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Refusal("lost", is_outage=True)
    return Refusal("setup" if isinstance(error, smtplib.SMTPException) else "connect", is_outage=True)


def _about_this_mail(stage: str, reply: int) -> Refusal:
    return Refusal(f"{stage}_{_digits(reply)}", is_final=500 <= reply <= 599, is_outage=reply == 421)


def _first_reply(error: smtplib.SMTPRecipientsRefused) -> int:
    return next((reply for reply, _words in error.recipients.values()), 0)


def _stage(error: smtplib.SMTPResponseException) -> str:
    stages = {
        smtplib.SMTPSenderRefused: "sender",
        smtplib.SMTPAuthenticationError: "login",
        smtplib.SMTPConnectError: "connect",
        smtplib.SMTPHeloError: "hello",
    }
    return stages.get(type(error), "server")


def _digits(reply: int) -> str:
    return str(reply) if 200 <= reply <= 599 else "unknown"  # smtplib gives -1 for what is no reply


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give the error and what it was raised after: smtplib hides a timeout behind a lost connection."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
