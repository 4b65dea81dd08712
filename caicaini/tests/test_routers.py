"""The wrapped keys live in the vault, everything else in the main database, and neither in the other."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from caicaini import vault
from caicaini.models import WrappedKey

pytestmark = pytest.mark.django_db
VAULTED = {"caicaini_wrappedkey"}


def tables(alias: str) -> set[str]:
    return set(connections[alias].introspection.table_names()) - {"django_migrations"}


def test_each_table_exists_in_its_own_database_only() -> None:
    every = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert tables("vault") == VAULTED
    assert tables("default") == every - VAULTED


@pytest.mark.parametrize("alias", ["default", "vault"])
def test_no_migration_is_left_to_run(alias: str) -> None:
    executor = MigrationExecutor(connections[alias])
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert MigrationRecorder(connections[alias]).applied_migrations()


def test_reads_and_writes_go_to_the_right_database() -> None:
    for model in apps.get_models(include_auto_created=True):
        expected = "vault" if model is WrappedKey else "default"
        assert (router.db_for_read(model), router.db_for_write(model)) == (expected, expected)


def test_a_new_key_is_nowhere_in_the_main_database() -> None:
    vault.create(uuid4(), timezone.now())
    with connections["vault"].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM caicaini_wrappedkey")
        assert cursor.fetchone() == (1,)
