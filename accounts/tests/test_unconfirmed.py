"""Sign-ups that nobody confirms go after two weeks, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts import signup
from accounts.abuse import signals
from accounts.models import AbuseCase, AbuseSignal, Acceptance, OutboxMail, SignalKind, SignupSignal, User
from accounts.sign_ins import tokens
from accounts.signup import unconfirmed
from accounts.signup.origin import Origin
from accounts.tasks import forget_unconfirmed_accounts
from billing.accounts import account_of
from caicaini.models import AuditEvent
from chat.models import Conversation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
AGO = NOW - unconfirmed.KEEP_FOR
HOME = Origin("203.0.113.77", "Firefox 145", "Linux", "de")
DAY = timedelta(days=1)


def newcomer(name: str = "cat", at: datetime = AGO) -> User:
    user = signup.register(name, f"{name}@example.test", "four-quiet-horses", HOME, at)
    assert user
    return user


def test_name_and_address_are_free_again() -> None:
    cat = newcomer()
    signals.signal(cat, SignalKind.DISPOSABLE_MAIL, AGO, f"signup:{cat.uuid}")
    assert signup.forget_unconfirmed(NOW) == 1
    for model in (User, EmailAddress, Acceptance, SignupSignal, AbuseSignal, OutboxMail):
        assert not model.objects.exists(), model
    newcomer(at=NOW)
    assert AuditEvent.objects.get(action="accounts.unconfirmed_forgotten").facts == {"count": 1}


def test_a_day_earlier_it_stays() -> None:
    newcomer(at=AGO + DAY)
    assert signup.forget_unconfirmed(NOW) == 0
    assert not AuditEvent.objects.filter(action="accounts.unconfirmed_forgotten").exists()


def confirmed(cat: User) -> None:
    User.objects.filter(pk=cat.pk).update(email_verified_at=AGO)


def operator(cat: User) -> None:
    User.objects.filter(pk=cat.pk).update(is_staff=True)


def signed_in_lately(cat: User) -> None:
    tokens.begin(cat, tokens.Kind.WEB, tokens.Device(), NOW - DAY)


def with_credit(cat: User) -> None:
    account_of(cat)


def under_a_case(cat: User) -> None:
    AbuseCase.objects.create(user=cat, open_for=cat.uuid, opened_at=AGO, score=60)


def with_a_conversation(cat: User) -> None:
    Conversation.objects.create(owner=cat, title=b"", model="echo", created_at=AGO, active_at=AGO)


@pytest.mark.parametrize(
    "reason", [confirmed, operator, signed_in_lately, with_credit, under_a_case, with_a_conversation]
)
def test_whoever_is_more_than_a_form_stays(reason: Callable[[User], None]) -> None:
    reason(newcomer())
    assert signup.forget_unconfirmed(NOW) == 0
    assert User.objects.filter(username="cat").exists()


def test_a_sign_in_from_long_ago_keeps_nobody() -> None:
    cat = newcomer(at=AGO - DAY)
    tokens.begin(cat, tokens.Kind.WEB, tokens.Device(), AGO - DAY)
    assert signup.forget_unconfirmed(NOW) == 1


def test_the_job_does_it_once_a_day() -> None:
    newcomer(at=AGO - 400 * DAY)
    forget_unconfirmed_accounts()
    assert not User.objects.exists()
