"""Ledger entries and receipts cannot be changed, nor deleted before their time, whatever the code above does."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from billing.metering import settle
from billing.models import LedgerEntry, Price, UsageRecord
from billing.tests.factories import LedgerAccountFactory, metered, place
from billing.tokens import Tokens

pytestmark = pytest.mark.django_db
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


def refused(statement: str, *parameters: object) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except DatabaseError:
        return True
    return False


def test_no_row_is_ever_updated(table: type[models.Model]) -> None:
    for row in table._default_manager.all():
        assert refused(f"UPDATE {table._meta.db_table} SET amount = 5 WHERE id = %s", row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        table._default_manager.update(created_at=timezone.now())


def test_a_row_is_deleted_only_after_its_time(table: type[models.Model]) -> None:
    rows = table._default_manager.order_by("created_at")
    kept = rows.last()
    assert kept
    assert refused(f"DELETE FROM {table._meta.db_table}")
    rows.filter(created_at=LONG_AGO).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()
    assert rows.filter(pk=kept.pk).exists()
