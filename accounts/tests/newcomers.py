"""Somebody who signs up as people do: opens the page, fills in the form, reads the mail, enters the code."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.outbox.sending import send_due

SIGNUP, CONFIRM = "/account/signup/", "/account/confirm-email/"
PASSWORD = "four-quiet-horses"
FORM = {
    "email": "cat@example.test",
    "username": "cat",
    "password1": PASSWORD,
    "is_old_enough": "on",
    "accepts_documents": "on",
}
FIREFOX = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Accept-Language": "de-CH,de;q=0.9,en;q=0.5",
}


def proof(page: Any) -> str:
    """Give the hidden proof of a form that was just opened."""
    found = re.search(r'name="form_proof" value="([^"]+)"', page.content.decode())
    return found[1] if found else ""


def fill_in(client: Client, path: str = SIGNUP, **form: str) -> Any:
    """Open a guarded form and send it."""
    return client.post(path, {**form, "form_proof": proof(client.get(path))})


def sign_up(client: Client | None = None, **changed: str) -> Any:
    """Send the sign-up form, filled in well but for what is `changed`; an empty value leaves a field out."""
    form = {name: value for name, value in {**FORM, **changed}.items() if value}
    return fill_in(client or Client(headers=FIREFOX), **form)


def letters_to(address: str) -> list[Any]:
    """Give the mails to an address, oldest first: the one place that knows how tests read mail."""
    send_due(timezone.now())
    return [letter for letter in mail.outbox if letter.to == [address]]


def code_for(address: str) -> str:
    """Read the newest code from the mail."""
    found = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", letters_to(address)[-1].body)
    assert found, letters_to(address)[-1].body
    return found[0]


def enter(client: Client, code: str) -> Any:
    return client.post(CONFIRM, {"code": code, "action": "verify"})
