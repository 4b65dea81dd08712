"""Secrets from nothing, and the environment of an instance that nobody keeps: tests, checks, screenshots."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from tools.places import ROOT

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
DOCUMENTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def secret_key() -> str:
    return secrets.token_urlsafe(48)


def vault_keys() -> str:
    """Give one wrapping key as VAULT_KEYS takes it: 32 random bytes as URL-safe base64."""
    return secrets.token_urlsafe(32)


def password() -> str:
    """Give a password that can be read from a screen and typed: about 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def documented_names() -> set[str]:
    """Every variable that `.env.example` explains."""
    return set(DOCUMENTED.findall((ROOT / ".env.example").read_text(encoding="utf-8")))


def environment(data_dir: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """Give what an instance below `data_dir` needs; nothing of the caller's own settings or `.env` reaches it."""
    ours = documented_names() - {"CAICAINI_REQUIRE_SERVICES"}
    kept = {name: value for name, value in inherited.items() if name not in ours}
    return kept | {
        "CAICAINI_ENV_FILE": "/dev/null",
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": secret_key(),
        "VAULT_KEYS": vault_keys(),
        "DEBUG": "false",
        "DEMO_MODEL": "true",
        "DEMO_PASSWORD": password(),
    }
