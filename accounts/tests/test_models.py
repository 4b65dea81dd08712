"""Names and addresses are one person's in whatever case and width they are written, on every database."""

from __future__ import annotations

import unicodedata
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User, normalised
from accounts.tests.writings import bold, wide

VARIANTS = ["ann", "Ann", "ANN", " ann ", wide("ann"), wide("A") + "nn", bold("ann"), "ⓐⓝⓝ", "\u00a0ann"]
DIFFERENT = ["anna", "an n", "änn", "a\u0301nn", "\u0430nn", "ann1"]  # the fifth begins with a Cyrillic letter


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once


@pytest.mark.parametrize("character", [0xA8, 0x130, 0x345, 0x37A, 0xFDFA, 0x1E9E, 0x3000, 0x1F80])
def test_normalising_twice_changes_nothing_for_troublesome_characters(character: int) -> None:
    for text in (chr(character), chr(character) + "\u0345\u0301", "a" + chr(character) + "A"):
        assert normalised(normalised(text)) == normalised(text)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N")), min_size=1))
def test_case_and_composition_make_no_difference(text: str) -> None:
    for variant in (
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFKC", text),
        text.casefold(),
        f" {text}",
    ):
        assert normalised(variant) == normalised(text)


@pytest.mark.parametrize(("one", "other"), [("straße", "STRASSE"), ("José", "JOSE\u0301"), ("Σίσυφος", "ΣΊΣΥΦΟΣ")])
def test_people_write_one_name_in_two_ways(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.django_db
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_name_is_taken_in_all_its_variants(variant: str, ann: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(variant, "other@example.test")
    address = f"{variant.strip()}@EXAMPLE.test"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("other", address)
    assert User.objects.called(variant) == ann
    assert User.objects.called(address) == ann


@pytest.mark.django_db
@pytest.mark.parametrize("name", DIFFERENT)
def test_another_name_stays_another_name(name: str, ann: User) -> None:
    other = User.objects.create_user(name, f"{name}@example.test")
    assert User.objects.called(name) == other
    assert User.objects.called("ann") == ann


@pytest.mark.django_db
def test_a_name_that_looks_like_an_address_does_not_stand_for_its_owner(bob: User) -> None:
    older = User.objects.get(pk=bob.pk)
    impostor = User.objects.create_user("cat@example.test", "impostor@example.test")
    cat = User.objects.create_user("cat", "cat@example.test")
    assert User.objects.called("cat@example.test") == cat
    assert User.objects.called("impostor@example.test") == impostor
    assert User.objects.called("bob") == older


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", " ", "@", "nobody", "x" * 5_000, "\x00", "%", "' OR 1=1 --"])
def test_nobody_is_called_anything_else(name: str, ann: User) -> None:
    assert User.objects.called(name) is None


@pytest.mark.django_db
def test_a_change_of_name_or_address_changes_its_key_whatever_is_saved(ann: User) -> None:
    ann.username, ann.email = "Anna", "Anna@Example.test"
    ann.save(update_fields=["username"])
    stored = User.objects.get(pk=ann.pk)
    assert (stored.username_key, stored.email_key) == ("anna", "ann@example.test")
    ann.save(update_fields=["email"])
    stored.refresh_from_db()
    assert (stored.username_key, stored.email_key) == ("anna", "anna@example.test")
    ann.email = "third@example.test"
    ann.save()
    stored.refresh_from_db()
    assert stored.email_key == "third@example.test"


@pytest.mark.django_db
def test_saving_other_fields_costs_what_it_did_and_touches_no_name(ann: User) -> None:
    ann.username = "not meant to be saved"
    ann.is_active = False
    ann.save(update_fields=["is_active"])
    stored = User.objects.get(pk=ann.pk)
    assert (stored.username, stored.username_key, stored.is_active) == ("ann", "ann", False)


@pytest.mark.django_db
def test_a_person_is_written_as_a_public_id_only(ann: User) -> None:
    assert str(ann) == f"User {ann.uuid}"
    assert UUID(str(ann).removeprefix("User ")) == ann.uuid
    assert "ann" not in repr(ann)


@pytest.mark.django_db
def test_a_superuser_is_staff_and_a_user_is_not(ann: User) -> None:
    boss = User.objects.create_superuser("boss", "boss@example.test", "pass-word")
    assert (boss.is_staff, boss.is_superuser, boss.check_password("pass-word")) == (True, True, True)
    assert (ann.is_staff, ann.is_superuser) == (False, False)
    assert ann.password.startswith("argon2$argon2id$")
