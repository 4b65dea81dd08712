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


def update(row: Model, names: tuple[str, ...], **guard: Any) -> bool:
    """Store some fields of a row as long as others have these values still; gives whether it was done."""
    model = type(row)
    values = [value(model, name, getattr(row, name)) for name in names]
    still = [value(model, name, plain) for name, plain in guard.items()]
    with connection.cursor() as cursor:
        cursor.execute(_update_statement(model, names, tuple(guard)), [*values, row.pk, *still])
        return bool(cursor.rowcount == 1)


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


@cache
def _update_statement(model: type[Model], names: tuple[str, ...], guard: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    changed = ", ".join(f"{quote(str(_by_name(model)[name].column))} = %s" for name in names)
    still = "".join(f" AND {quote(str(_by_name(model)[name].column))} = %s" for name in guard)
    return f"UPDATE {quote(model._meta.db_table)} SET {changed} WHERE id = %s{still}"  # noqa: S608  (names from models)
