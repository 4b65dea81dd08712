"""How tests walk through the account's pages."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client

from accounts.models import User

CONFIRM = "/account/reauthenticate/"


def prove(client: Client, user: User) -> Client:
    """Show who it is once more, as the page asks before anything that could lock somebody out."""
    answer = client.post(CONFIRM, {"password": f"{user.username}-pass-word", "next": "/account/"})
    assert answer.status_code == 302, answer.content
    return client


def code_of(message: mail.EmailMessage) -> str:
    found = re.search(r"\b\d{6}\b", str(message.body))
    assert found
    return found.group()


def path_of(message: mail.EmailMessage) -> str:
    """Give the path of the link in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
    assert found
    return found.group(1)
