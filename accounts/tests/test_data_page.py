"""What is kept about me, and who looked at it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import kept, looks
from accounts.models import EmailChange, User
from billing.accounts import account_of
from caicaini import audit
from caicaini.models import AuditEvent
from caicaini.personal_data import Purpose, register
from conftest import SignIn
from tools.places import ROOT

pytestmark = pytest.mark.django_db
PAGE = "/account/data/"


def shown(client: Client) -> str:
    return unescape(client.get(PAGE).content.decode())


def all_kept(user: User) -> dict[str, kept.Kept]:
    return {table.name: table for group in kept.by_purpose(user, register()) for table in group.tables}


def test_every_table_that_may_hold_something_of_a_person_stands_on_the_page(ann: User, sign_in: SignIn) -> None:
    page = shown(sign_in(ann))
    names = all_kept(ann)
    assert len(names) == sum(table.subject is not None for table in register().tables.values())
    for name, table in names.items():
        assert name in page
        assert table.how_long in page


def test_every_purpose_has_plain_words() -> None:
    assert set(kept.PURPOSES) == set(Purpose)


def test_the_rows_are_ones_own(ann: User, bob: User) -> None:
    account_of(ann)
    EmailChange.objects.create(user=bob, old_email="b@x.test", new_email="c@x.test", asked_at=timezone.now())
    mine, others = all_kept(ann), all_kept(bob)
    assert (mine["Ledger entries"].count, others["Ledger entries"].count) == (1, 0)
    assert (mine["Changes of address"].count, others["Changes of address"].count) == (0, 1)
    assert mine["You"].count == 1


def test_more_rows_than_are_shown_are_counted(ann: User) -> None:
    for number in range(kept.MOST_ROWS + 3):
        EmailChange.objects.create(
            user=ann, old_email="a@x.test", new_email=f"{number}@x.test", asked_at=timezone.now()
        )
    table = all_kept(ann)["Changes of address"]
    assert table.count == kept.MOST_ROWS + 3
    assert len(table.rows) == kept.MOST_ROWS


def test_names_addresses_and_times_are_shown(ann: User, sign_in: SignIn) -> None:
    page = shown(sign_in(ann))
    assert "ann@example.test" in page
    assert f"{ann.date_joined:%B %Y}" in page


def test_no_hash_code_or_token_is_shown(ann: User, bob: User, sign_in: SignIn) -> None:
    EmailChange.objects.create(
        user=ann,
        old_email="a@x.test",
        new_email="n@x.test",
        asked_at=timezone.now(),
        code="c0de" * 16,
        token="70ken" * 9,
    )
    page = shown(sign_in(ann))
    for secret in (ann.password, "argon2id$", "c0dec0de", "70ken70ken", "bob@example.test"):
        assert secret not in page
    assert "n@x.test" in page


def test_nothing_encrypted_is_among_what_is_shown(ann: User) -> None:
    values = [value for table in all_kept(ann).values() for row in table.rows for value in row]
    assert values
    assert not [value for value in values if value.text.startswith("b'")]


def test_cookies_and_hosts_of_the_data_map_stand_on_the_page(ann: User, sign_in: SignIn) -> None:
    page = shown(sign_in(ann))
    for value in register().browser_values:
        assert value.name in page
        assert value.why in page
    for host in register().hosts:
        assert host.name in page


def test_the_page_asks_each_table_once_or_twice(ann: User, sign_in: SignIn, django_assert_max_num_queries: Any) -> None:
    client = sign_in(ann)
    tables = sum(table.subject is not None for table in register().tables.values())
    with django_assert_max_num_queries(tables + 8):
        client.get(PAGE)


# --- Who looked ---


def test_an_operator_who_opens_an_account_is_seen_by_its_owner_without_a_name(
    ann: User, bob: User, sam: User, sign_in: SignIn
) -> None:
    console, owner = sign_in(sam), sign_in(ann)
    assert "Nobody did." in shown(owner)
    assert console.get(f"/admin/accounts/user/{ann.pk}/change/").status_code == 200
    page = shown(owner)
    assert "An operator opened your account in the console." in page
    assert "sam" not in page
    assert str(sam.uuid) not in page
    assert "Nobody did." in shown(sign_in(bob))


def test_opening_it_again_at_once_is_one_look(ann: User, sam: User) -> None:
    now = timezone.now()
    looks.record(ann, sam, now)
    looks.record(ann, sam, now + timedelta(minutes=4))
    looks.record(ann, sam, now + timedelta(minutes=6))
    assert len(looks.at(ann, now + timedelta(minutes=7))) == 2


def test_an_operator_who_changes_an_account_is_seen_too(ann: User, sam: User, sign_in: SignIn) -> None:
    sign_in(sam).post(f"/admin/accounts/user/{ann.pk}/change/", {"is_active": "on"})
    assert "An operator changed what your account may do." in shown(sign_in(ann))


def test_an_action_without_words_is_not_hidden(ann: User, sam: User) -> None:
    now = timezone.now()
    audit.record("new.thing", now=now, actor=sam.uuid, subject_type="accounts.User", subject=str(ann.uuid))
    assert [look.words for look in looks.at(ann, now)] == ["An operator did this to your account: new.thing."]


def test_every_action_of_operators_on_accounts_has_words() -> None:
    written = set()
    for path in [*ROOT.glob("accounts/**/*.py"), *ROOT.glob("privacy/**/*.py")]:
        if "tests" not in path.parts and "migrations" not in path.parts:
            written |= set(re.findall(r"record\(\s*\"((?:account|abuse)\.[a-z_]+)\"", path.read_text(encoding="utf-8")))
    assert "account.changed" in written
    assert written - set(looks.WORDS) == set()


def test_what_jobs_and_the_person_did_is_no_look(ann: User, sam: User) -> None:
    now = timezone.now()
    for actor in (None, ann.uuid):
        audit.record("some.thing", now=now, actor=actor, subject_type="accounts.User", subject=str(ann.uuid))
    assert looks.at(ann, now) == []
    assert AuditEvent.objects.count() == 2


def test_an_account_that_does_not_exist_was_not_looked_at(sam: User, sign_in: SignIn) -> None:
    assert sign_in(sam).get("/admin/accounts/user/999999/change/").status_code == 302
    assert not AuditEvent.objects.exists()


# --- Who may ---


def test_strangers_are_sent_to_sign_in() -> None:
    assert Client().get(PAGE).headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_there_to_read_only(method: str, ann: User, sign_in: SignIn) -> None:
    assert getattr(sign_in(ann), method)(PAGE).status_code == 405
