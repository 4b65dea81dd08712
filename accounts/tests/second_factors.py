"""Second factors in tests: set up, typed and looked for as a person does it, through the pages."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.factors import codes
from accounts.models import User
from accounts.outbox import sending

LOGIN, SECURITY, APP, CODE = "/account/login/", "/account/security/", "/account/security/app/", "/account/login/code/"
CONFIRM, CONFIRM_CODE = "/account/confirm/", "/account/confirm/code/"
NEW_CODES, CODES = "/account/security/codes/new/", "/account/security/codes/"
SECRET = re.compile(r'<code class="secret">([A-Z2-7]+)</code>')
RECOVERY_CODE = re.compile(r"<li><code>(\d{8})</code></li>")
LINK = re.compile(r"http://127\.0\.0\.1:8000(/\S+)")


def password_of(user: User) -> str:
    return f"{user.username}-pass-word"


def give_password(user: User, client: Client | None = None, **form: str) -> tuple[Client, Any]:
    """Take the first step of signing in."""
    client = client or Client()
    answer = client.post(LOGIN, {"login": user.username, "password": password_of(user), **form})
    assert answer.status_code == 302
    return client, answer


def signed_in_by_password(user: User) -> Client:
    """Give a client that has just signed in; only for somebody without a second factor."""
    client, answer = give_password(user)
    assert answer.headers["Location"] != CODE
    return client


def code_of(secret: str, now: datetime | None = None, later: int = 0) -> str:
    """Give the code of an app, `later` steps after the present one."""
    return codes.code_at(secret, codes.step_at(now or timezone.now()) + later)


def enrol_app(client: Client) -> tuple[str, list[str]]:
    """Set up an app with the code before the present one, which is used up; gives its secret and the recovery codes."""
    secret = secret_on(client.get(APP))
    answer = client.post(APP, {"code": code_of(secret, later=-1)})
    assert answer.status_code == 302, answer.content.decode()
    return secret, recovery_codes_on(client.get(answer.headers["Location"]))


def secret_on(page: Any) -> str:
    found = SECRET.search(page.content.decode())
    assert found, page.content.decode()
    return found[1]


def recovery_codes_on(page: Any) -> list[str]:
    return RECOVERY_CODE.findall(page.content.decode())


def mails(now: datetime | None = None) -> list[Any]:
    """Send what the outbox holds, as the worker does; gives all mails so far."""
    sending.send_due(now or timezone.now())
    return mail.outbox


def subjects(now: datetime | None = None) -> list[str]:
    return [str(each.subject) for each in mails(now)]


def link_in(letter: Any, part: str) -> str:
    """Give the path of the link in a mail that goes below a certain address."""
    found = [path for path in LINK.findall(unescape(letter.body)) if part in path]
    assert len(set(found)) == 1, letter.body
    return str(found[0])
