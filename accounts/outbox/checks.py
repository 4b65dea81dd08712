"""What a production set-up must say about its mail; `manage.py check --deploy` asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

SMTP = "django.core.mail.backends.smtp.EmailBackend"
HERE = frozenset({"127.0.0.1", "::1", "localhost"})


@checks.register(checks.Tags.security, deploy=True)
def check_mail(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
    return [checks.Error(text, id=f"caicaini.{code}") for code, text in _problems()]


def _problems() -> Iterator[tuple[str, str]]:
    if settings.EMAIL_BACKEND != SMTP:
        yield "E010", "EMAIL_URL must name a mail server: otherwise people's codes and links stand on the console."
    elif not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in HERE):
        yield "E011", "EMAIL_URL must begin with smtp+tls:// or smtp+ssl:// unless the mail server is on this machine."
    for name, value in (("MAIL_FROM", settings.DEFAULT_FROM_EMAIL), ("MAIL_REPLY_TO", settings.MAIL_REPLY_TO)):
        if value and not _is_address(value):
            yield "E012", f"{name} is not one address, such as: Caicaini <no-reply@caicaini.example>"


def _is_address(value: str) -> bool:
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        return False
    return "\n" not in value and "\r" not in value
