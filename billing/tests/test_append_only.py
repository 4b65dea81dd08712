"""Ledger entries and receipts cannot be changed, nor deleted before their time, whatever the code above does."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from billing.metering import settle
from billing.models import LedgerEntry, Price, UsageRecord
from billing.tests.factories import LedgerAccountFactory, metered, place
from billing.tokens import Tokens
from caicaini import append_only

TABLES: list[type[models.Model]] = [LedgerEntry, UsageRecord]
LONG_AGO = timezone.now() - timedelta(days=3654)


@pytest.fixture(params=TABLES, ids=lambda model: model.__name__)
def table(request: pytest.FixtureRequest, price: Price) -> type[models.Model]:
    """A table with a row of today and one whose time is over."""
    account = LedgerAccountFactory.create(credits=100)
    for moment in (timezone.now(), LONG_AGO):
        run = uuid4()
        place(account, price, run=run)
        settle(run, metered(Tokens(input=1)), moment)
    model: type[models.Model] = request.param
    return model


def refused(statement: str, *parameters: int) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except DatabaseError:
        return True
    return False


@pytest.mark.django_db
def test_no_row_is_ever_updated(table: type[models.Model]) -> None:
    for row in table._default_manager.all():
        assert refused(f"UPDATE {table._meta.db_table} SET amount = 5 WHERE id = %s", row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        table._default_manager.update(created_at=timezone.now())


@pytest.mark.django_db
def test_a_row_is_deleted_only_after_its_time(table: type[models.Model]) -> None:
    rows = table._default_manager.order_by("created_at")
    kept = rows.last()
    assert kept
    assert refused(f"DELETE FROM {table._meta.db_table}")
    rows.filter(created_at=LONG_AGO).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()
    assert rows.filter(pk=kept.pk).exists()


def triggers() -> set[str]:
    lists = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
        "mysql": "SELECT trigger_name FROM information_schema.triggers "
        "WHERE trigger_schema = DATABASE() AND trigger_name LIKE %s",
    }
    with connection.cursor() as cursor:
        cursor.execute(lists[connection.vendor], ["billing%"])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
def test_the_migration_installs_and_removes_the_triggers_of_both_tables() -> None:
    migration = import_module("billing.migrations.0002_books_are_append_only")
    append_only.remove(connection)
    with connection.schema_editor(atomic=False) as editor:
        migration.forwards(apps, editor)
        assert triggers() == {f"{table._meta.db_table}_no_{what}" for table in TABLES for what in ("update", "delete")}
        migration.backwards(apps, editor)
        assert triggers() == set()
