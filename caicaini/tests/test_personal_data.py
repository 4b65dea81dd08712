"""The data map is complete, and each rule about it fires on the declaration that breaks it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import models

from accounts.models import User
from caicaini import checks, logs, personal_data
from caicaini.personal_data import (
    CacheKey,
    Category,
    Column,
    Declaration,
    Erasure,
    LogKey,
    Purpose,
    Register,
    Retention,
    Table,
    content,
    technical,
)


class Diary(models.Model):
    """Stands in for a model of an app: the rules get it, no registry and no database knows it."""

    uuid = models.UUIDField(unique=True)
    owner = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+")
    page = models.BinaryField()
    mood = models.CharField(max_length=9)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "diary"
        apps = Apps()

    def __str__(self) -> str:
        return "Diary"


GOOD = Table(
    model="diary.Diary",
    subject="owner",
    purpose=Purpose.CHAT,
    retention=Retention.CONVERSATION,
    public_id="uuid",
    erase_with="accounts.User",
    columns={
        "id": technical(),
        "uuid": technical(),
        "owner": technical(),
        "page": content(),
        "mood": Column(Category.USAGE),
        "seen_at": Column(Category.USAGE, erase=Erasure.BLANK),
    },
)


def without(name: str) -> dict[str, Column]:
    return {key: column for key, column in GOOD.columns.items() if key != name}


def codes(table: Table, model: type[models.Model] = Diary) -> set[str]:
    return {code for code, rule in checks.RULES.items() if list(rule(table, model))}


def test_a_good_declaration_breaks_no_rule() -> None:
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("E002", replace(GOOD, columns=without("mood"))),
        ("E003", replace(GOOD, columns={**GOOD.columns, "weather": technical()})),
        ("E005", replace(GOOD, subject=None)),
        ("E005", replace(GOOD, subject="")),
        ("E005", replace(GOOD, subject="mood")),
        ("E005", replace(GOOD, subject="reader")),
        ("E005", replace(GOOD, subject="owner__groups")),
        ("E006", replace(GOOD, columns={**GOOD.columns, "mood": Column(Category.USAGE, erase=Erasure.KEEP)})),
        ("E007", replace(GOOD, columns={**GOOD.columns, "mood": Column(Category.USAGE, erase=Erasure.BLANK)})),
        ("E009", replace(GOOD, columns={**GOOD.columns, "mood": content()})),
        ("E009", replace(GOOD, columns={**GOOD.columns, "page": Column(Category.CONTENT)})),
        ("E012", replace(GOOD, public_id="id")),
        ("E012", replace(GOOD, public_id="mood")),
        ("E012", replace(GOOD, public_id="number")),
    ],
)
def test_each_rule_fires_alone_on_the_declaration_that_breaks_it(code: str, table: Table) -> None:
    assert codes(table) == {code}


@pytest.mark.parametrize(
    ("on_delete", "expected"),
    [(models.CASCADE, {"E011"}), (models.SET_NULL, set()), (models.PROTECT, set()), (models.DO_NOTHING, set())],
)
def test_a_cascade_where_the_purge_owns_the_order_is_refused(on_delete: Any, expected: set[str]) -> None:
    class Leaf(models.Model):
        owner = models.ForeignKey(User, on_delete=on_delete, related_name="+", null=True)

        class Meta:
            app_label = "diary"
            apps = Apps()

        def __str__(self) -> str:
            return "Leaf"

    table = replace(GOOD, public_id="", columns={"id": technical(), "owner": technical()})
    assert codes(table, Leaf) == expected
    assert codes(replace(table, erase_with=""), Leaf) == set()


def test_a_kept_column_with_a_reason_and_a_table_of_nobody_with_one_are_fine() -> None:
    kept = Column(Category.USAGE, erase=Erasure.KEEP, why="the law")
    assert codes(replace(GOOD, columns={**GOOD.columns, "mood": kept})) == set()
    assert codes(replace(GOOD, subject=None, why="belongs to nobody")) == set()


@pytest.fixture
def maps(monkeypatch: pytest.MonkeyPatch) -> list[Declaration]:
    """Give the real declarations as a list that a test may change."""
    found = list(personal_data.declarations())
    monkeypatch.setattr(personal_data, "declarations", lambda: iter(found))
    return found


def problems() -> set[tuple[str, str]]:
    return {(str(found.id), str(found.obj)) for found in checks.check_data_map(None)}


def test_the_projects_own_data_map_is_complete(maps: list[Declaration]) -> None:
    assert problems() == set()
    call_command("check")


@pytest.mark.parametrize("model", ["sessions.Session", "account.EmailAddress", "accounts.User_groups", "chat.Message"])
def test_an_undeclared_model_is_found_wherever_it_comes_from(model: str, maps: list[Declaration]) -> None:
    maps[:] = [item for item in maps if not (isinstance(item, Table) and item.model == model)]
    assert problems() == {("privacy.E001", model)}
    with pytest.raises(SystemCheckError, match="not in any data map"):
        call_command("check")


def test_a_declared_model_that_does_not_exist_is_found(maps: list[Declaration]) -> None:
    maps.append(GOOD)
    assert problems() == {("privacy.E001", "diary.Diary")}


def test_a_model_that_is_declared_twice_is_found(maps: list[Declaration]) -> None:
    maps.append(next(item for item in maps if isinstance(item, Table)))
    assert {code for code, _model in problems()} == {"privacy.E001"}


def test_a_new_column_of_a_real_model_is_found(maps: list[Declaration]) -> None:
    place = next(n for n, item in enumerate(maps) if isinstance(item, Table) and item.model == "chat.Message")
    message = maps[place]
    assert isinstance(message, Table)
    maps[place] = replace(message, columns={key: column for key, column in message.columns.items() if key != "body"})
    assert problems() == {("privacy.E002", "chat.Message")}


@pytest.mark.parametrize("change", ["a key that nobody declared", "a declared key that is not allowed"])
def test_the_log_list_and_the_data_map_agree(
    change: str, maps: list[Declaration], monkeypatch: pytest.MonkeyPatch
) -> None:
    if change == "a key that nobody declared":
        monkeypatch.setattr(logs, "ALLOWED_KEYS", logs.ALLOWED_KEYS | {"email"})
    else:
        maps.append(LogKey("email", Category.IDENTITY))
    assert problems() == {("privacy.E013", "email")}


def test_the_register_sorts_declarations_by_kind(maps: list[Declaration]) -> None:
    found = personal_data.register()
    assert isinstance(found, Register)
    kinds = (found.tables, found.cache_keys, found.log_keys, found.hosts, found.browser_values)
    assert sum(len(kind) for kind in kinds) == len(maps)
    assert {value.name for value in found.browser_values} >= {"sessionid", "zone", "draft:*"}
    assert all(isinstance(key, CacheKey) for key in found.cache_keys)
    assert {host.name for host in found.hosts} >= {"Anthropic", "Moonshot AI"}
    for host in found.hosts:
        assert hasattr(settings, host.setting)


def test_every_app_of_ours_has_a_data_map() -> None:
    ours = {"caicaini", "accounts", "billing", "chat", "privacy"}
    found = {config.name for config in apps.get_app_configs() if find_spec(f"{config.name}.data_map")}
    assert ours <= found


@pytest.mark.parametrize(
    ("is_tls", "has_static", "expected"),
    [
        (True, True, set()),
        (False, True, {"caicaini.E001"}),
        (True, False, {"caicaini.E002"}),
        (False, False, {"caicaini.E001", "caicaini.E002"}),
    ],
)
def test_a_deployment_without_tls_or_static_files_is_refused(
    is_tls: bool, has_static: bool, expected: set[str], settings: Any
) -> None:
    settings.IS_TLS, settings.HAS_COLLECTED_STATIC = is_tls, has_static
    assert {found.id for found in checks.check_deployment(None)} == expected
