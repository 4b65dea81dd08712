"""What a mail says: two templates of one kind, filled in, and the headers around them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.utils.encoding import punycode
from django.utils.formats import date_format

from accounts.models import OutboxMail

BREAKS = frozenset({"Cc", "Zl", "Zp"})  # Unicode's control characters, line and paragraph separators
SUBJECT = "Subject: "


class UnknownKind(LookupError):
    """Somebody posts a mail that nobody has written the templates for."""


class BadTemplate(ValueError):
    """A text template does not begin with its subject, or says nothing after it."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def require_kind(kind: str) -> None:
    """Raise UnknownKind unless both templates are there; they are read once per process."""
    for ending in ("txt", "html"):
        try:
            _template(f"{kind}.{ending}")
        except TemplateDoesNotExist:
            raise UnknownKind(f"mail/{kind}.{ending} is missing: each kind of mail has both, .txt and .html") from None


def on_one_line(value: str) -> str:
    """Put a space where a line would break, so that no value can end a header or begin another one."""
    return "".join(" " if unicodedata.category(letter) in BREAKS else letter for letter in value)


def write(mail: OutboxMail, context: dict[str, str | int]) -> Letter:
    """Fill in the templates of its kind; they may always use `site_url`, and `when` for the time it was posted."""
    words = {"site_url": settings.SITE_URL, "when": _when(mail.created_at), **context}
    subject, body = _split(mail.kind, _text(f"{mail.kind}.txt", words))
    html = _template(f"{mail.kind}.html").render(Context({**words, "subject": subject}))
    return Letter(subject, f"{body}\n\n-- \n{_text('_foot.txt', words)}\n", html)


def message(mail: OutboxMail, address: str, letter: Letter) -> EmailMultiAlternatives:
    """Put a letter into its envelope: every attempt has the same id and date, so that a repetition is recognised."""
    headers = {
        "Message-ID": f"<{mail.uuid}@{_sender_domain()}>",
        "Date": format_datetime(mail.created_at),
        "Auto-Submitted": "auto-generated",
    }
    reply_to = [settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else None
    envelope = EmailMultiAlternatives(letter.subject, letter.text, to=[address], headers=headers, reply_to=reply_to)
    envelope.attach_alternative(letter.html, "text/html")
    return envelope


def _when(moment: datetime) -> str:
    return f"{date_format(moment.astimezone(UTC), 'j F Y, H:i')} UTC"


def _template(name: str) -> Template:
    return Engine.get_default().get_template(f"mail/{name}")


def _text(name: str, words: dict[str, str | int]) -> str:
    """Fill in a text template, where `'` stays `'`."""
    return _template(name).render(Context(words, autoescape=False)).strip()


def _split(kind: str, text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    subject, body = first.removeprefix(SUBJECT).strip(), rest.strip()
    if not (first.startswith(SUBJECT) and subject and body and rest.startswith("\n")):
        raise BadTemplate(f"mail/{kind}.txt: `{SUBJECT}...` on the first line, then an empty line, then the text")
    return subject, body


def _sender_domain() -> str:
    return punycode(parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2])
