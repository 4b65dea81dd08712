"""What went wrong with a mail server, as a code that tells nobody's address."""

from __future__ import annotations

import re
import smtplib
import ssl

import pytest

from accounts.outbox.refusals import Refusal, understand

WORDS = b"kanarie@example.test is gone"


def after(error: Exception, cause: Exception) -> Exception:
    """Raise as smtplib does: the new error while the other one is handled."""
    try:
        try:
            raise cause
        except type(cause):
            raise error  # noqa: B904
    except type(error) as raised:
        return raised


OUTAGES: dict[str, list[Exception]] = {
    "connect": [ConnectionRefusedError(), OSError(), ssl.SSLError(), smtplib.SMTPConnectError(-1, WORDS)],
    "connect_554": [smtplib.SMTPConnectError(554, WORDS)],
    "timeout": [TimeoutError(), after(smtplib.SMTPServerDisconnected("x"), TimeoutError())],
    "lost": [smtplib.SMTPServerDisconnected("x"), after(smtplib.SMTPServerDisconnected("x"), ConnectionResetError())],
    "login_535": [smtplib.SMTPAuthenticationError(535, WORDS)],
    "sender_550": [smtplib.SMTPSenderRefused(550, WORDS, "me@example.test")],
    "hello_501": [smtplib.SMTPHeloError(501, WORDS)],
    "server_454": [smtplib.SMTPResponseException(454, WORDS)],
    "setup": [smtplib.SMTPNotSupportedError("kanarie@example.test"), smtplib.SMTPException("x")],
    "rcpt_421": [smtplib.SMTPRecipientsRefused({"kanarie@example.test": (421, WORDS)})],
    "data_421": [smtplib.SMTPDataError(421, WORDS)],
}


@pytest.mark.parametrize(("code", "error"), [(code, error) for code, errors in OUTAGES.items() for error in errors])
def test_what_every_mail_would_meet_is_an_outage_and_never_final(code: str, error: Exception) -> None:
    found = understand(error)
    assert found.code in {code, f"{code}_unknown"}
    assert (found.is_outage, found.is_final) == (True, False)


@pytest.mark.parametrize("reply", [450, 451, 452, 500, 550, 551, 552, 553, 554, 599, -1, 250, 600, 999])
def test_what_is_about_one_mail_is_final_from_five_hundred(reply: int) -> None:
    digits = reply if 200 <= reply <= 599 else "unknown"
    is_final = 500 <= reply <= 599
    for stage, error in {
        "rcpt": smtplib.SMTPRecipientsRefused({"kanarie@example.test": (reply, WORDS)}),
        "data": smtplib.SMTPDataError(reply, WORDS),
    }.items():
        assert understand(error) == Refusal(f"{stage}_{digits}", is_final=is_final)


def test_a_code_fits_its_column_and_the_log() -> None:
    for errors in OUTAGES.values():
        for error in errors:
            assert re.fullmatch(r"[a-z]+(_\w{3,7})?", understand(error).code)
