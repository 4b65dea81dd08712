"""Billing in the operators' console, through its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.accounts import account_of
from billing.metering import settle
from billing.models import Hold, LedgerAccount, LedgerEntry, Price, UsageRecord
from billing.rates import CREDIT
from billing.tests.factories import NOW, LedgerAccountFactory, PriceFactory, assert_books_agree, metered, place
from billing.tokens import Tokens
from caicaini.models import AuditEvent

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MODELS = ["ledgeraccount", "ledgerentry", "hold", "usagerecord", "price"]
ACCOUNTS = "/admin/billing/ledgeraccount/"


@pytest.fixture
def console(sam: User, sign_in: SignIn) -> Client:
    return sign_in(sam)


@pytest.fixture
def account(price: Price) -> LedgerAccount:
    """An account with a settled run, one beyond its hold, and one under way."""
    account: LedgerAccount = LedgerAccountFactory.create(credits=100)
    for tokens in (Tokens(input=1_000), Tokens(output=9_000)):
        run = uuid4()
        place(account, price, run=run)
        settle(run, metered(tokens), NOW)
    place(account, price)
    account.refresh_from_db()
    return account


def ask(account: LedgerAccount, **form: object) -> dict[str, object]:
    return {"action": "grant_credits", "_selected_action": [account.pk], **form}


def filled_in(account: LedgerAccount, page: str, **form: object) -> dict[str, object]:
    """Fill in the form of the page that asked how much and why."""
    found = re.search(r'name="request_id" value="([^"]+)"', page)
    assert found
    return ask(account, apply="1", request_id=found[1], note="outage", **form)


@pytest.mark.parametrize("model", MODELS)
def test_ten_rows_take_as_few_queries_as_one(model: str, account: LedgerAccount, console: Client) -> None:
    address = f"/admin/billing/{model}/"
    with CaptureQueriesContext(connection) as few:
        assert console.get(address).status_code == 200
    for _ in range(9):
        other = LedgerAccountFactory.create(credits=20)
        run = uuid4()
        place(other, PriceFactory.create(), run=run)
        settle(run, metered(Tokens(output=1)), NOW)
    with CaptureQueriesContext(connection) as many:
        assert console.get(address).status_code == 200
    assert len(many) == len(few) <= 15


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("visitor", ["nobody", "customer"])
def test_only_staff_sees_the_books(model: str, visitor: str, ann: User, sign_in: SignIn) -> None:
    client = Client() if visitor == "nobody" else sign_in(ann)
    address = reverse(f"admin:billing_{model}_changelist")
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("row", [LedgerAccount, LedgerEntry, Hold, UsageRecord], ids=lambda row: row.__name__)
def test_the_books_are_read_only(
    row: type[LedgerAccount | LedgerEntry | Hold | UsageRecord], account: LedgerAccount, console: Client
) -> None:
    name = row._meta.model_name
    pk = row.objects.values_list("pk", flat=True)[0]
    page = console.get(reverse(f"admin:billing_{name}_change", args=[pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    for action in ("change", "delete"):
        assert console.post(reverse(f"admin:billing_{name}_{action}", args=[pk]), {"post": "yes"}).status_code == 403
    assert console.post(reverse(f"admin:billing_{name}_add")).status_code == 403
    assert row.objects.filter(pk=pk).exists()


def test_an_account_page_sets_the_balance_beside_the_sum_of_its_rows(account: LedgerAccount, console: Client) -> None:
    address = reverse("admin:billing_ledgeraccount_change", args=[account.pk])
    page = console.get(address).content.decode()
    assert "94.000000" in page  # the sum of the entries: 100 - 1 - 5
    assert page.count("5.000000") == 2  # held, and the sum of the open holds
    assert "icon-yes" in page
    LedgerAccount.objects.filter(pk=account.pk).update(available=1)
    assert "icon-no" in console.get(address).content.decode()


def test_the_list_finds_accounts_whose_books_differ(account: LedgerAccount, console: Client) -> None:
    damaged = LedgerAccountFactory.create(available=1)
    page = console.get(ACCOUNTS, {"books": "differ"}).content.decode()
    assert str(damaged.uuid) in page
    assert str(account.uuid) not in page


def test_an_account_is_found_by_its_persons_public_id(ann: User, bob: User, console: Client) -> None:
    page = console.get(ACCOUNTS, {"q": str(ann.uuid)})
    assert page.status_code == 200
    mine, other = account_of(ann), account_of(bob)
    page_text = console.get(ACCOUNTS, {"q": str(ann.uuid)}).content.decode()
    assert str(mine.uuid) in page_text
    assert str(other.uuid) not in page_text
    assert ann.email not in console.get(reverse("admin:billing_ledgeraccount_change", args=[mine.pk])).content.decode()


def test_receipts_can_be_narrowed_to_the_houses_losses(account: LedgerAccount, console: Client) -> None:
    page = console.get(reverse("admin:billing_usagerecord_changelist"), {"loss": "yes"}).content.decode()
    assert "31.00" in page  # 36 credits of output, held were 5
    assert page.count('<th class="field-created_at') == 1


def test_a_grant_asks_first_and_is_done_once(account: LedgerAccount, console: Client, sam: User) -> None:
    page = console.post(ACCOUNTS, ask(account)).content.decode()
    assert f"{account}" in page
    assert LedgerEntry.objects.filter(note="outage").count() == 0
    form = filled_in(account, page, credits="12.50")
    for _ in range(2):  # a double click
        assert console.post(ACCOUNTS, form).status_code == 302
    assert LedgerEntry.objects.get(note="outage").amount == 12_500_000
    event = AuditEvent.objects.get(action="billing.granted")
    assert (event.actor, event.subject) == (sam.uuid, str(account.uuid))
    assert_books_agree(account)


@pytest.mark.parametrize("amount", ["0", "-100", "1000001", "a lot", "0.001", "NaN"])
def test_a_grant_that_makes_no_sense_is_asked_again(amount: str, account: LedgerAccount, console: Client) -> None:
    page = console.post(ACCOUNTS, ask(account)).content.decode()
    answer = console.post(ACCOUNTS, filled_in(account, page, credits=amount))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not AuditEvent.objects.exists()
    assert_books_agree(account)


def test_granting_needs_its_permission(account: LedgerAccount, bob: User, sign_in: SignIn) -> None:
    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_ledgeraccount"))
    client = sign_in(bob)
    assert client.get(ACCOUNTS).status_code == 200
    client.post(ACCOUNTS, ask(account, apply="1", request_id=uuid4(), note="outage", credits="5"))
    assert not LedgerEntry.objects.filter(note="outage").exists()


def price_form(**changes: object) -> dict[str, object]:
    usual = {"model": "llama", "input": 0, "cached_input": 0, "cache_write": 0, "output": 0}
    return {**usual, "effective_at_0": "", "effective_at_1": "", **changes}


def test_a_price_without_a_time_starts_now_and_is_audited(console: Client, sam: User) -> None:
    before = timezone.now()
    assert console.post(reverse("admin:billing_price_add"), price_form()).status_code == 302
    price = Price.objects.get(model="llama")
    assert before <= price.effective_at <= timezone.now()
    event = AuditEvent.objects.get(action="price.added", actor=sam.uuid)
    assert (event.subject, event.facts["model"]) == (str(price.pk), "llama")


@pytest.mark.parametrize(
    "wrong",
    [
        {"effective_at_0": "2020-01-01", "effective_at_1": "00:00:00"},
        {"output": -1},
        {"long_prompt_above": 100_000, "long_input": 5},
    ],
    ids=["past", "negative", "half a tier"],
)
def test_a_wrong_price_is_asked_again(wrong: dict[str, object], console: Client) -> None:
    answer = console.post(reverse("admin:billing_price_add"), price_form(**wrong))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Price.objects.exists()


def test_a_price_in_effect_cannot_be_changed_or_deleted(price: Price, console: Client) -> None:
    assert price.effective_at <= timezone.now()
    for action in ("change", "delete"):
        address = reverse(f"admin:billing_price_{action}", args=[price.pk])
        assert console.post(address, price_form(post="yes")).status_code == 403
    assert Price.objects.get(pk=price.pk).input == price.input


def test_a_price_of_the_future_can_be_corrected_and_taken_back(console: Client) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    price = PriceFactory.create(effective_at=tomorrow)
    when = {"effective_at_0": f"{tomorrow:%Y-%m-%d}", "effective_at_1": "23:00:00"}
    address = reverse("admin:billing_price_change", args=[price.pk])
    assert console.get(address).status_code == 200
    assert console.post(address, price_form(**when, output=5 * CREDIT)).status_code == 302
    price.refresh_from_db()
    assert price.output == 5 * CREDIT
    assert console.post(reverse("admin:billing_price_delete", args=[price.pk]), {"post": "yes"}).status_code == 302
    assert not Price.objects.exists()
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"price.changed", "price.deleted"}
