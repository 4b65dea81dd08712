"""Database triggers that make a table append-only on both engines: no UPDATE ever, no DELETE before `retain_until`.

Migrations install them; tests take them off around Django's flush, which deletes rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("billing_ledgerentry", "billing_usagerecord", "caicaini_auditevent")


def install(connection: BaseDatabaseWrapper, tables: Iterable[str] = TABLES) -> None:
    """Create the two triggers of each table that exists; repeating it is harmless."""
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in present.intersection(tables):
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, tables: Iterable[str] = TABLES) -> None:
    """Drop the triggers of these tables."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")


def _statements(vendor: str, table: str) -> tuple[str, str]:
    if vendor == "sqlite":
        return (
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
            f"WHEN OLD.retain_until > date('now') BEGIN SELECT RAISE(ABORT, '{table} is retained'); END",
        )
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "  # noqa: S608  (names of our own)
        f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is append-only'",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW "
        f"IF OLD.retain_until > UTC_DATE() THEN "
        f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is retained'; END IF",
    )
