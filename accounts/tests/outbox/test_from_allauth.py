"""Whatever allauth wants to tell people goes through the outbox, and nothing that it passes on beside."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.core import context
from django.core import mail as django_mail
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import OutboxMail, User
from accounts.outbox import letters, sealing
from accounts.outbox.from_allauth import KINDS, UnknownMail
from accounts.tests.newcomers import fill_in
from accounts.tests.outbox.mails import ANN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("development")]
RESET = "/account/password/reset/"
# Sent by pages of allauth that this site does not have: sign-in and reset by code, several addresses an account.
NOT_HERE = {f"account/email/{name}" for name in ("login_code", "password_reset_code", "email_deleted")}


@pytest.fixture
def request_of_ann(ann: User) -> HttpRequest:
    request = RequestFactory().get("/", headers={"User-Agent": "Kanarie/1.0"})
    request.user = ann
    return request


def the_mail() -> tuple[OutboxMail, str, dict[str, str | int]]:
    mail = OutboxMail.objects.get()
    return (mail, *sealing.open_up(mail))


def test_every_mail_that_allauth_knows_has_a_kind_or_no_page() -> None:
    folder = Path(allauth.__file__).parent / "account"
    named: set[str] = set()
    for path in folder.rglob("*.py"):
        if "tests" not in path.parts:
            named |= set(re.findall(r'"(account/email/\w+)"', path.read_text(encoding="utf-8")))
    assert "account/email/password_changed" in named
    assert named == set(KINDS) | NOT_HERE


def test_every_kind_has_its_templates() -> None:
    for kind in KINDS.values():
        letters.require_kind(kind.name)


@pytest.mark.parametrize("prefix", [*NOT_HERE, "mfa/email/never_heard_of", "account/email/", ""])
def test_a_mail_without_a_place_fails_loudly(prefix: str, ann: User, request_of_ann: HttpRequest) -> None:
    with context.request_context(request_of_ann):
        with pytest.raises(UnknownMail):
            get_adapter().send_mail(prefix, ANN, {})
        if not prefix.startswith("mfa/"):  # those are said in our own words, and allauth's left out
            with pytest.raises(UnknownMail):
                get_adapter().send_notification_mail(prefix, ann)
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize(("seconds", "lasts"), [(259_200, "72 hours"), (3_600, "1 hour"), (1_800, "30 minutes")])
def test_a_reset_for_a_known_address_posts_a_link_for_as_long_as_it_works(
    seconds: int, lasts: str, ann: User, settings: Any
) -> None:
    settings.PASSWORD_RESET_TIMEOUT = seconds
    settings.SITE_URL = "https://caicaini.test"
    assert fill_in(Client(SERVER_NAME="localhost"), RESET, email=ANN).status_code == 302
    mail, address, said = the_mail()
    assert (mail.kind, mail.user, address) == ("password_reset", ann, ANN)
    assert set(said) == {"link", "lasts"}
    assert said["lasts"] == lasts
    link = str(said["link"])
    assert re.fullmatch(r"https://caicaini\.test/account/password/reset/key/\w+-[\w-]+/", link)
    assert mail.expires_at == mail.created_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    assert Client().get(link.removeprefix("https://caicaini.test")).status_code == 302  # it leads into the form
    assert django_mail.outbox == []  # nothing went past the outbox


def test_a_reset_for_an_unknown_address_says_so_there_and_looks_the_same_here(ann: User) -> None:
    unknown = fill_in(Client(), RESET, email="nobody@example.test")
    mail, address, said = the_mail()
    assert (mail.kind, mail.user, address, said) == ("password_reset_unknown", None, "nobody@example.test", {})
    known = fill_in(Client(), RESET, email=ANN)
    assert (unknown.status_code, unknown.headers["Location"]) == (known.status_code, known.headers["Location"])


def test_a_code_is_posted_with_its_end(ann: User, request_of_ann: HttpRequest, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
    address = EmailAddress.objects.get(user=ann)
    confirmation = EmailConfirmationHMAC(address)
    with context.request_context(request_of_ann):
        for is_sign_up in (True, False):
            get_adapter().send_confirmation_mail(request_of_ann, confirmation, is_sign_up)
    for mail in OutboxMail.objects.all():
        assert (mail.kind, mail.user, mail.expires_at) == ("verify_email", ann, mail.created_at + timedelta(minutes=10))
        assert sealing.open_up(mail) == (ANN, {"code": confirmation.key, "minutes": 10})
    assert OutboxMail.objects.count() == 2


def test_a_sign_up_with_a_known_address_is_told_there(request_of_ann: HttpRequest, settings: Any) -> None:
    settings.SITE_URL = "https://caicaini.test"
    with context.request_context(request_of_ann):
        get_adapter().send_account_already_exists_mail(ANN)
    mail, _address, said = the_mail()
    assert (mail.kind, said) == ("account_already_exists", {"link": "https://caicaini.test/account/password/reset/"})


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("account/email/password_changed", "password_changed"),
        ("account/email/password_set", "password_changed"),
        ("account/email/password_reset", "password_changed"),
        ("account/email/email_changed", "email_changed_old"),
    ],
)
def test_a_notice_takes_neither_browser_nor_addresses_along(
    prefix: str, kind: str, ann: User, request_of_ann: HttpRequest
) -> None:
    with context.request_context(request_of_ann):
        get_adapter(request_of_ann).send_notification_mail(
            prefix, ann, {"from_email": ANN, "to_email": "new@example.test"}
        )
    mail, address, said = the_mail()
    assert (mail.kind, mail.user, address, said) == (kind, ann, ANN, {})
    assert abs(mail.created_at - timezone.now()) < timedelta(minutes=1)
