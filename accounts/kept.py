"""What is kept about one person: the data map, with that person's own numbers and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from caicaini.personal_data import Category, Column, Purpose, Register, Table

MOST_ROWS = 10  # shown of one table
SHOWN_APPS = ("accounts", "account", "mfa")  # whose values stand on the page; the others say how many rows there are
HIDDEN = (Category.TECHNICAL, Category.CREDENTIAL, Category.CONTENT)
KEY = "_key"  # the same value again, in the form in which it is unique
PURPOSES: Mapping[Purpose, Any] = {
    Purpose.ACCOUNT: gettext_lazy("To have an account"),
    Purpose.CHAT: gettext_lazy("To chat"),
    Purpose.BILLING: gettext_lazy("To count what you use and what you paid"),
    Purpose.SECURITY: gettext_lazy("To keep the account yours"),
    Purpose.ABUSE: gettext_lazy("To prevent abuse"),
    Purpose.SUPPORT: gettext_lazy("To answer you"),
    Purpose.LEGAL: gettext_lazy("Because the law says so"),
    Purpose.OPERATIONS: gettext_lazy("To run the service"),
}
NAMES: Mapping[str, Any] = {
    "accounts.User": gettext_lazy("You"),
    "account.EmailAddress": gettext_lazy("Your address, as the sign-in library knows it"),
    "accounts.Acceptance": gettext_lazy("What you accepted"),
    "accounts.SignupSignal": gettext_lazy("Where you signed up from, shown below"),
    "accounts.OutboxMail": gettext_lazy("Mails to you"),
    "accounts.AbuseSignal": gettext_lazy("Signs of misuse that a program noticed"),
    "accounts.AbuseCase": gettext_lazy("Cases that an operator judges"),
    "mfa.Authenticator": gettext_lazy("Second factors"),
    "accounts.User_groups": gettext_lazy("Operators' roles"),
    "accounts.User_user_permissions": gettext_lazy("Operators' rights"),
    "account.EmailConfirmation": gettext_lazy("Links to confirm an address"),
    "admin.LogEntry": gettext_lazy("What you did in the console, if you are an operator"),
    "chat.Conversation": gettext_lazy("Conversations"),
    "chat.Message": gettext_lazy("Messages, encrypted"),
    "chat.Run": gettext_lazy("Replies: model, tokens, times, how they ended"),
    "billing.AccountLink": gettext_lazy("The link between you and your ledger account"),
    "billing.UsageRecord": gettext_lazy("Receipts"),
    "billing.Hold": gettext_lazy("Credit that was set aside"),
}

# Columns of libraries that name them in words of their own.
LABELS: Mapping[str, Any] = {
    "accounts.is_superuser": gettext_lazy("All rights in the console"),
    "account.email": gettext_lazy("E-mail address"),
    "account.verified": gettext_lazy("Confirmed"),
    "account.primary": gettext_lazy("The account's own"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value, ready to be read."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One table: what it is, how long it is kept, how many rows are the person's, and what stands in them."""

    name: str
    how_long: str
    count: int
    rows: list[list[Value]]


@dataclass(frozen=True, slots=True)
class Group:
    """The tables of one purpose."""

    purpose: str
    tables: list[Kept]

    @property
    def filled(self) -> list[Kept]:
        return [table for table in self.tables if table.count]

    @property
    def empty(self) -> list[Kept]:
        return [table for table in self.tables if not table.count]


def by_purpose(user: User, found: Register) -> list[Group]:
    """Give every table that may hold something of this person. One query a table, one more where values are shown."""
    tables = [table for table in found.tables.values() if table.subject is not None]
    groups = (
        (words, [_kept(user, table) for table in tables if table.purpose is purpose])
        for purpose, words in PURPOSES.items()
    )
    return [Group(str(words), kept) for words, kept in groups if kept]


def _kept(user: User, table: Table) -> Kept:
    model = apps.get_model(table.model)
    mine = _rows(user, table, model)
    is_shown = model._meta.app_label in SHOWN_APPS
    rows = list(mine.order_by("-pk")[:MOST_ROWS]) if is_shown else []
    count = len(rows) if is_shown and len(rows) < MOST_ROWS else mine.count()
    values = [list(_values(row, table.columns)) for row in rows]
    return Kept(_name(table, model), str(table.retention), count, [row for row in values if row])


def _rows(user: User, table: Table, model: type[models.Model]) -> models.QuerySet[models.Model]:
    return model._default_manager.filter(**({table.subject: user} if table.subject else {"pk": user.pk}))


def _name(table: Table, model: type[models.Model]) -> str:
    return str(NAMES.get(table.model) or capfirst(model._meta.verbose_name_plural))


def _values(row: models.Model, columns: Mapping[str, Column]) -> Iterator[Value]:
    fields = {field.name: field for field in row._meta.concrete_fields}
    for name, column in columns.items():
        if column.export and not column.encrypted and column.category not in HIDDEN and not name.endswith(KEY):
            yield Value(_label(fields[name]), _written(row, fields[name]))


def _label(field: models.Field[Any, Any]) -> str:
    return str(LABELS.get(f"{field.model._meta.app_label}.{field.name}") or capfirst(field.verbose_name))


def _written(row: models.Model, field: models.Field[Any, Any]) -> str:
    value = getattr(row, field.attname)
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{date_format(value, 'j F Y, H:i')} UTC"
    shown = getattr(row, f"get_{field.name}_display", None)
    return str(shown() if shown else value)
