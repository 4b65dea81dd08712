"""Rows written and found with plain SQL, for the few statements that run with every message.

The ORM compiles each statement anew, which takes longer than running it: with it, a hold and its settlement together
cost twice as much processor time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def insert(row: Model) -> None:
    """Insert a new row as `save` would, without signals, and give it the key that the database chose."""
    fields = _fields(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(type(row)), values)
        row.pk = cursor.lastrowid
    row._state.adding, row._state.db = False, connection.alias


def value(model: type[Model], field: str, plain: Any) -> Any:
    """Give a field's value as this database stores it: uuids and times differ between engines."""
    return _by_name(model)[field].get_db_prep_save(plain, connection)


@cache
def _fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _by_name(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.name: field for field in _fields(model)}


@cache
def _insert_statement(model: type[Model]) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in _fields(model))
    places = ", ".join(["%s"] * len(_fields(model)))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608  (names from models)
