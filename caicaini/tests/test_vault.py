"""Content keys: wrapped by the newest key, opened by any that is configured, gone when destroyed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from caicaini import vault
from caicaini.crypto import UnreadableError
from caicaini.models import WrappedKey
from caicaini.vault import VaultMisconfigured

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD, NEW = "old-" * 10, "new-" * 10


def test_a_key_is_read_as_it_was_made_until_it_is_destroyed() -> None:
    owner, other = uuid4(), uuid4()
    key, kept = vault.create(owner, NOW), vault.create(other, NOW)
    assert len(key) == 32
    assert key != kept
    assert vault.read_many([owner, other]) == {owner: key, other: kept}
    assert vault.destroy([owner]) == 1
    assert vault.destroy([owner]) == 0
    with pytest.raises(UnreadableError):
        vault.read(owner)
    with pytest.raises(UnreadableError):
        vault.read_many([owner, other])
    assert vault.read_existing([owner, other]) == {other: kept}


def test_reading_many_keys_costs_one_query(django_assert_num_queries: Any) -> None:
    owners = [uuid4() for _ in range(50)]
    keys = {owner: vault.create(owner, NOW) for owner in owners}
    with django_assert_num_queries(1, using="vault"), django_assert_num_queries(0):
        assert vault.read_many(owners) == keys


def test_a_stored_key_is_not_the_key() -> None:
    owner = uuid4()
    key = vault.create(owner, NOW)
    assert key not in bytes(WrappedKey.objects.get(owner=owner).wrapped)


def test_the_newest_key_wraps_and_the_older_ones_still_open(settings: Any) -> None:
    owner, later = uuid4(), uuid4()
    settings.VAULT_KEYS = [OLD]
    key = vault.create(owner, NOW)
    settings.VAULT_KEYS = [NEW, OLD]
    vault.verify()
    assert vault.read(owner) == key
    vault.create(later, NOW)
    used = dict(WrappedKey.objects.values_list("owner", "wrapping_key"))
    assert used == {owner: vault.key_id(OLD), later: vault.key_id(NEW)}


def test_a_lost_wrapping_key_is_named_in_one_line(settings: Any) -> None:
    owner = uuid4()
    settings.VAULT_KEYS = [OLD]
    vault.create(owner, NOW)
    settings.VAULT_KEYS = [NEW]
    for attempt in (vault.verify, lambda: vault.read(owner)):
        with pytest.raises(VaultMisconfigured) as caught:
            attempt()
        assert vault.key_id(OLD) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert OLD not in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_setting_up_stops_at_a_lost_wrapping_key(settings: Any) -> None:
    settings.VAULT_KEYS = [OLD]
    vault.create(uuid4(), NOW)
    settings.VAULT_KEYS = [NEW]
    with pytest.raises(CommandError, match=vault.key_id(OLD)):
        call_command("prepare")


def test_a_short_wrapping_key_is_refused_without_being_quoted(settings: Any) -> None:
    settings.VAULT_KEYS = [NEW, "short-secret"]
    with pytest.raises(VaultMisconfigured, match="number 2 is shorter than 32") as caught:
        vault.create(uuid4(), NOW)
    assert "short-secret" not in str(caught.value)
    assert not WrappedKey.objects.exists()


def test_a_key_moved_to_another_owner_does_not_open() -> None:
    ann, bob = uuid4(), uuid4()
    vault.create(ann, NOW)
    vault.create(bob, NOW)
    anns = bytes(WrappedKey.objects.get(owner=ann).wrapped)
    WrappedKey.objects.filter(owner=bob).update(wrapped=anns)
    with pytest.raises(UnreadableError):
        vault.read(bob)


def test_key_ids_are_short_stable_and_tell_keys_apart() -> None:
    assert vault.key_id(OLD) == vault.key_id(OLD) != vault.key_id(NEW)
    assert len(vault.key_id(OLD)) == 16
    int(vault.key_id(OLD), 16)


def test_changing_one_letter_of_a_wrapping_key_gives_another_key(settings: Any) -> None:
    owner = uuid4()
    settings.VAULT_KEYS = [OLD]
    vault.create(owner, NOW)
    WrappedKey.objects.update(wrapping_key=vault.key_id(NEW))  # as if somebody passed one key off as another
    settings.VAULT_KEYS = [NEW]
    with pytest.raises(UnreadableError):
        vault.read(owner)
