"""`manage.py prepare`: private folders and files, both databases, and demo accounts where they belong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.models import User
from billing.accounts import balance
from billing.models import Price
from caicaini.management.commands.prepare import make_folders
from chat.models import CatalogueModel
from tools import throwaway
from tools.places import ROOT

PASSWORD = "demo-pass-word"


def prepare(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "prepare"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in sorted(folder.rglob("*"))}


def test_a_new_installation_is_private_down_to_its_files(tmp_path: Path) -> None:
    data = tmp_path / "odd name #1 100%?"
    environment = throwaway.environment(data, os.environ)
    old_mask = os.umask(0o022)  # what most systems have
    try:
        ended = prepare(environment)
    finally:
        os.umask(old_mask)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert data.stat().st_mode & 0o777 == 0o700
    found = modes(data)
    assert {"caicaini.sqlite3", "vault.sqlite3", "queue/messages", "queue/control", "files"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}

    for path in data.glob("*.sqlite3"):
        path.chmod(0o644)  # as an older version left it
    assert prepare(environment).returncode == 0
    assert {name: oct(mode) for name, mode in modes(data).items() if mode & 0o077} == {}


def test_a_vault_key_that_is_too_short_is_said_in_one_line(tmp_path: Path) -> None:
    ended = prepare(throwaway.environment(tmp_path, os.environ) | {"VAULT_KEYS": "short-secret"})
    assert ended.returncode == 1
    assert ended.stderr == "CommandError: VAULT_KEYS: key number 1 is shorter than 32 characters.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_others_use_too_keeps_its_mode(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "somebody elses").touch()
    tmp_path.chmod(0o755)
    settings.DATA_DIR, settings.QUEUE_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "queue", tmp_path / "files"
    make_folders()
    make_folders()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert {mode for name, mode in modes(tmp_path).items() if name != "somebody elses"} == {0o700}


def test_an_empty_folder_that_was_made_beforehand_becomes_private(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR, settings.QUEUE_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "queue", tmp_path / "files"
    tmp_path.chmod(0o755)
    make_folders()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("debug", "password", "people"),
    [(True, PASSWORD, {"ann", "sam"}), (True, "", set()), (False, PASSWORD, set())],
)
def test_demo_accounts_exist_only_in_development_with_a_password(
    debug: bool, password: str, people: set[str], settings: Any
) -> None:
    settings.DEBUG, settings.DEMO_PASSWORD = debug, password
    call_command("prepare")
    assert set(User.objects.values_list("username", flat=True)) == people


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite compares byte by byte anyway")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_two_names_for_one_is_refused() -> None:
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} COLLATE utf8mb4_general_ci")
        try:
            with pytest.raises(CommandError, match="has the collation utf8mb4_general_ci"):
                call_command("prepare")
        finally:
            cursor.execute(f"ALTER DATABASE {name} COLLATE utf8mb4_nopad_bin")
    call_command("prepare")


@pytest.mark.django_db(transaction=True)
def test_a_second_time_changes_nothing_but_a_new_demo_password(settings: Any) -> None:
    settings.DEBUG, settings.DEMO_PASSWORD = True, PASSWORD
    call_command("prepare")
    ann, sam = User.objects.get(username="ann"), User.objects.get(username="sam")
    assert (ann.is_staff, sam.is_staff, sam.is_superuser) == (False, True, True)
    before = balance(ann), CatalogueModel.objects.count(), Price.objects.count()
    assert before[0].available > 0
    CatalogueModel.objects.filter(slug="demo").update(label="Renamed by an operator")
    hashed = ann.password

    call_command("prepare")
    ann.refresh_from_db()
    assert (balance(ann), CatalogueModel.objects.count(), Price.objects.count()) == before
    assert CatalogueModel.objects.get(slug="demo").label == "Renamed by an operator"
    assert ann.password == hashed

    settings.DEMO_PASSWORD = "another-pass-word"
    call_command("prepare")
    assert User.objects.get(username="ann").check_password("another-pass-word")
