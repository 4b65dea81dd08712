"""Databases of this pytest process's own on the servers of the second pass; on the first pass the site makes files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.db import connections

from tools.pytest_environment import SERVICES
from tools.services import COLLATION

REDIS_OFFSET = 32  # of 64: the tests that run in this process use a database below it
VARIABLES = {"default": "DATABASE_URL", "vault": "VAULT_DATABASE_URL"}


@contextmanager
def of_this_process() -> Iterator[dict[str, str]]:
    """Give the variables that lead the site there; they and what they name are gone afterwards."""
    if SERVICES not in os.environ:
        yield {}
        return
    names = {alias: _name(alias) for alias in VARIABLES}
    for alias, name in names.items():
        _tell(alias, f"DROP DATABASE IF EXISTS `{name}`")
        _tell(alias, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE {COLLATION}")
    try:
        yield {VARIABLES[alias]: _url(alias, name) for alias, name in names.items()} | _redis()
    finally:
        for alias, name in names.items():
            _tell(alias, f"DROP DATABASE `{name}`")


def _name(alias: str) -> str:
    """Name it as the servers' users are allowed to: `test_` and the alias come first."""
    return f"test_{alias}_browser_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def _url(alias: str, name: str) -> str:
    return urlsplit(os.environ[VARIABLES[alias]])._replace(path=f"/{name}").geturl()


def _redis() -> dict[str, str]:
    found = re.fullmatch(r"(.*/)(\d+)", os.environ["REDIS_URL"])
    assert found
    return {"REDIS_URL": f"{found[1]}{int(found[2]) + REDIS_OFFSET}"}


def _tell(alias: str, statement: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement)
    connections[alias].close()
