"""Queries of the ORM that are compiled once: for the few that run with every message, frame or request.

Django compiles a query anew each time, which takes longer than running one that finds a row by its key. Here the SQL
and the conversion of its columns are kept, for all threads, and only the values change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
Convert = tuple[int, tuple[Callable[..., Any] | str, ...], Any]  # place of a column, functions, its expression

# What stands for a value while the query is compiled: nothing else in a query looks like it.
SAMPLES: tuple[tuple[type[Field[Any, Any]], Any], ...] = (
    (models.UUIDField, UUID("5a3ce1ed-5a3c-4e1e-8d5a-3ce1ed5a3ce1")),
    (models.DateTimeField, datetime(1987, 6, 5, 4, 3, 2, 198765, tzinfo=UTC)),
    (models.CharField, "a sample of \x1f a value"),
    (models.Field, 4_198_765_432_109_876_543),  # keys, and what points to them
)


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    params: tuple[tuple[str, Any], ...]  # a name of a value and its place holder, or "" and a constant
    converts: tuple[Convert, ...]
    columns: tuple[str, ...]
    span: slice
    populators: Sequence[Any]


class Prepared(Generic[M]):
    """One query for whole rows of a model, related ones included.

    `build` takes the manager's query set and the values by name; `names` says of which field each value is. It must not
    look at the values: it is called once, with samples. No prefetching or annotations; one value of a kind of field.
    Raises ValueError at the first call for a query that cannot be kept like this.
    """

    def __init__(self, model: type[M], build: Callable[..., QuerySet[M]], /, **names: str) -> None:
        self._model, self._build, self._names = model, build, names
        self._compiled: _Compiled | None = None

    def first(self, **values: Any) -> M | None:
        """Give the first row, or None."""
        found = self.all(**values)
        return found[0] if found else None

    def all(self, **values: Any) -> list[M]:
        """Give all rows."""
        connection = connections[DEFAULT_DB_ALIAS]
        query = self._compiled = self._compiled or self._compile(connection)
        params = [self._stored(name, values[name], connection) if name else plain for name, plain in query.params]
        with connection.cursor() as cursor:
            cursor.execute(query.sql, params)
            fetched = cursor.fetchall()
        return [self._instance(query, row, connection) for row in fetched]

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        samples = {name: _sample(self._field(name)) for name in self._names}
        built = self._build(self._model._default_manager.using(connection.alias).all(), **samples)
        compiler = built.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        stored = {name: self._stored(name, sample, connection) for name, sample in samples.items()}
        info, select = compiler.klass_info, compiler.select
        assert info is not None
        wanted = info["select_fields"]
        span = slice(wanted[0], wanted[-1] + 1)
        converters = compiler.get_converters([expression for expression, _sql, _alias in select])
        named = tuple((next((name for name in stored if stored[name] == param), ""), param) for param in params)
        if {name for name, _param in named if name} != set(samples):
            raise ValueError(f"{sorted(samples)} cannot be told apart, or found, in: {sql}")
        return _Compiled(
            sql,
            named,
            tuple(
                (place, tuple(_free(function, connection) for function in functions), expression)
                for place, (functions, expression) in converters.items()
            ),
            tuple(expression.target.attname for expression, _sql, _alias in select[span]),
            span,
            get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]  # the stubs know Django 6
        )

    def _field(self, name: str) -> Field[Any, Any]:
        field: Field[Any, Any] = self._model._meta.get_field(self._names[name])  # type: ignore[assignment]
        return field

    def _stored(self, name: str, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self._field(name).get_db_prep_value(value, connection)

    def _instance(self, query: _Compiled, fetched: Sequence[Any], connection: BaseDatabaseWrapper) -> M:
        row = list(fetched)
        for place, functions, expression in query.converts:
            for function in functions:
                convert = getattr(connection.ops, function) if isinstance(function, str) else function
                row[place] = convert(row[place], expression, connection)
        found = self._model.from_db(connection.alias, query.columns, row[query.span])
        for populator in query.populators:
            populator.populate(row, found)
        return found


def _free(function: Callable[..., Any], connection: BaseDatabaseWrapper) -> Callable[..., Any] | str:
    """Give only the name of a function that belongs to this connection: other threads have others."""
    return function.__name__ if getattr(function, "__self__", None) is connection.ops else function


def _sample(field: Field[Any, Any]) -> Any:
    return next(sample for kind, sample in SAMPLES if isinstance(field, kind))
