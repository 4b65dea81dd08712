"""How tests walk through the account's pages, and read the mail that comes of it."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.outbox.sending import send_due


def prove(client: Client, user: User) -> Client:
    """Show who it is once more, as the page asks before anything that could lock somebody out."""
    answer = client.post(
        reverse("account_reauthenticate"), {"password": f"{user.username}-pass-word", "next": "/account/"}
    )
    assert answer.status_code == 302, answer.content
    return client


def letters_to(address: str) -> list[mail.EmailMessage]:
    """Let the worker send what was posted, and give what this address got, oldest first."""
    send_due(timezone.now())
    return [letter for letter in mail.outbox if letter.to == [address]]


def letter_to(address: str) -> mail.EmailMessage:
    """Give the newest letter to an address."""
    return letters_to(address)[-1]


def code_of(letter: mail.EmailMessage) -> str:
    found = re.search(r"\b\d{6}\b", str(letter.body))
    assert found
    return found.group()


def path_of(letter: mail.EmailMessage) -> str:
    """Give the path of the first link in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(letter.body))
    assert found
    return found.group(1)
