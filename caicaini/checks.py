"""System checks that keep the data map complete and the deployment safe; every manage.py command stops on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone

from caicaini import logs
from caicaini.personal_data import Category, Column, Erasure, Register, Table, register

Model = type[models.Model]
SECURITY_TXT_RESERVE = timedelta(days=30)
Rule = Callable[[Table, Model], Iterator[str]]


@checks.register(checks.Tags.models)
def check_data_map(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Compare the register with every model of every installed app."""
    found = register()
    problems = list(_of_models(found)) + list(_of_register(found))
    return [checks.Error(text, obj=where, id=f"privacy.{code}") for code, where, text in problems]


def _of_models(found: Register) -> Iterator[tuple[str, str, str]]:
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label
        if model._meta.proxy or not model._meta.managed:
            continue
        if label not in found.tables:
            yield "E001", label, "This model is not in any data map."
            continue
        for code, rule in RULES.items():
            for text in rule(found.tables[label], model):
                yield code, label, text


def _of_register(found: Register) -> Iterator[tuple[str, str, str]]:
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    for label in sorted(set(found.tables) - known):
        yield "E001", label, "The data map names a model that does not exist."
    for label in found.duplicates:
        yield "E001", label, "Two data maps name this model."
    for name in sorted(logs.ALLOWED_KEYS ^ {key.name for key in found.log_keys}):
        yield "E013", name, "The log allow-list and the data map differ on this key."


def _columns_match(table: Table, model: Model) -> Iterator[str]:
    real = {field.name for field in model._meta.concrete_fields}
    for name in sorted(real - set(table.columns)):
        yield f"Column {name} is not classified."


def _columns_exist(table: Table, model: Model) -> Iterator[str]:
    real = {field.name for field in model._meta.concrete_fields}
    for name in sorted(set(table.columns) - real):
        yield f"The data map names an unknown column {name}."


def _subject_ends_at_user(table: Table, model: Model) -> Iterator[str]:
    if table.subject is None:
        if not table.why:
            yield "It belongs to nobody, and no reason is given."
        return
    end: Model | None = model
    for step in filter(None, table.subject.split("__")):
        end = _follow(end, step)
    if end is not get_user_model():
        yield f"The subject path {table.subject!r} does not end at the user."


def _follow(model: Model | None, step: str) -> Model | None:
    try:
        target = model._meta.get_field(step).related_model if model else None
    except FieldDoesNotExist:
        return None
    return target if isinstance(target, type) else None


def _kept_needs_reason(table: Table, model: Model) -> Iterator[str]:
    for name, column in table.columns.items():
        if column.erase is Erasure.KEEP and not column.why:
            yield f"Column {name} is kept without a reason."


def _blank_is_nullable(table: Table, model: Model) -> Iterator[str]:
    for _name, column, field in _declared(table, model):
        if column.erase is Erasure.BLANK and not field.null:
            yield f"Column {field.name} is to be blanked but is NOT NULL."


def _content_is_encrypted(table: Table, model: Model) -> Iterator[str]:
    for _name, column, field in _declared(table, model):
        if column.category is Category.CONTENT and not (column.encrypted and isinstance(field, models.BinaryField)):
            yield f"Column {field.name} holds content that is not an encrypted binary column."


def _deletes_in_plan_order(table: Table, model: Model) -> Iterator[str]:
    if not table.erase_with:
        return
    for field in model._meta.concrete_fields:
        on_delete = getattr(field.remote_field, "on_delete", None)
        if on_delete not in (None, models.DO_NOTHING, models.PROTECT, models.SET_NULL):
            yield f"Column {field.name}: the purge plan owns the order, so on_delete must be DO_NOTHING or PROTECT."


def _root_has_public_id(table: Table, model: Model) -> Iterator[str]:
    if not table.public_id:
        return
    field = next((item for item in model._meta.concrete_fields if item.name == table.public_id), None)
    if not (isinstance(field, models.UUIDField) and field.unique):
        yield f"Its public id {table.public_id} is not a unique uuid column."


def _declared(table: Table, model: Model) -> Iterator[tuple[str, Column, models.Field[Any, Any]]]:
    for field in model._meta.concrete_fields:
        if field.name in table.columns:
            yield field.name, table.columns[field.name], field


RULES: dict[str, Rule] = {
    "E002": _columns_match,
    "E003": _columns_exist,
    "E005": _subject_ends_at_user,
    "E006": _kept_needs_reason,
    "E007": _blank_is_nullable,
    "E009": _content_is_encrypted,
    "E011": _deletes_in_plan_order,
    "E012": _root_has_public_id,
}


@checks.register(checks.Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """What a production set-up must not lack."""
    problems: list[checks.CheckMessage] = []
    if not settings.IS_TLS:
        problems.append(checks.Error("SITE_URL must start with https:// in production.", id="caicaini.E001"))
    if not settings.HAS_COLLECTED_STATIC:
        problems.append(checks.Error("Run `manage.py collectstatic` first.", id="caicaini.E002"))
    return [*problems, *security_txt_problems(timezone.now())]


def security_txt_problems(now: datetime) -> list[checks.CheckMessage]:
    """Say when security.txt is about to expire: then somebody must look whether its address is still read."""
    try:
        expires = datetime.fromisoformat(settings.SECURITY_TXT_EXPIRES)
        left = expires - now
    except (TypeError, ValueError):
        text = "SECURITY_TXT_EXPIRES is no time with a zone, such as 2027-10-31T00:00:00Z."
        return [checks.Error(text, id="caicaini.E003")]
    if left < SECURITY_TXT_RESERVE:
        text = f"security.txt expires in {max(left.days, 0)} days. Is SECURITY_CONTACT read? Set SECURITY_TXT_EXPIRES."
        return [checks.Warning(text, id="caicaini.W001")]
    return []
