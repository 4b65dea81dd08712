"""What is said about a production set-up that would send mail nowhere, in clear, or from nobody."""

from __future__ import annotations

from typing import Any

import environ
import pytest

from accounts.outbox.checks import check_mail

SENDER = "Caicaini <mail@caicaini.test>"
GOOD = "smtp+tls://user:pass-word@mail.example:587"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (GOOD, set()),
        ("smtp+ssl://user:pass-word@mail.example:465", set()),
        ("smtp://127.0.0.1:25", set()),
        ("smtp://localhost:25", set()),
        ("smtp://user:pass-word@mail.example:25", {"caicaini.E011"}),
        ("consolemail://", {"caicaini.E010"}),
        ("memorymail://", {"caicaini.E010"}),
        ("dummymail://", {"caicaini.E010"}),
        ("filemail:///tmp/mails", {"caicaini.E010"}),
    ],
)
def test_where_mail_goes(url: str, expected: set[str], settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = SENDER
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    for name, value in environ.Env.email_url_config(url).items():
        setattr(settings, name, value)
    found = check_mail(None)
    assert {problem.id for problem in found} == expected
    assert all("pass-word" not in problem.msg for problem in found)


@pytest.mark.parametrize("sender", ["nobody", "Caicaini <>", "Caicaini <no-reply>", "a@b.test\nBcc: c@d.test", "a b"])
def test_who_it_comes_from(sender: str, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "localhost"
    settings.DEFAULT_FROM_EMAIL = SENDER
    assert check_mail(None) == []
    settings.DEFAULT_FROM_EMAIL = sender
    assert {problem.id for problem in check_mail(None)} == {"caicaini.E012"}
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_REPLY_TO = SENDER, sender
    assert {problem.id for problem in check_mail(None)} == {"caicaini.E012"}
    settings.MAIL_REPLY_TO = "help@caicaini.test"
    assert check_mail(None) == []
