"""The `.env` file: written once with random keys, then read and checked before anything starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tools import throwaway
from tools.places import ROOT
from tools.refusal import Refusal

LINE = re.compile(r"(?:export )?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
SECRETS = ("SECRET_KEY", "VAULT_KEYS")
SHORTEST_WRAPPING_KEY = 32  # characters, as the vault demands
SWITCHES = ("DEBUG", "DEMO_MODEL")
SWITCH_WORDS = {"true", "on", "ok", "y", "yes", "1", "false", "off", "n", "no", "0", ""}
HEAD = """\
# Written by `make run`; git ignores it. Every variable is explained in .env.example.
# Keep VAULT_KEYS safe: without it nobody can read what was stored.
"""


def ready(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the settings that hold, the environment before the file; write the file where there is none."""
    path = ROOT / environ.get("CAICAINI_ENV_FILE", ".env")
    if not path.exists():
        _create(path, environ)
    values = {**(read(path) if path.exists() else {}), **environ}
    check(values, path.name)
    return values


def read(path: Path) -> dict[str, str]:
    """Give the file's variables as Django's settings will read them; refuse what they would misread."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{path.name} cannot be read ({type(error).__name__}).") from None
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, value = _assignment(line, f"Line {number} of {path.name}")
            if name in values:
                raise Refusal(f"Line {number} of {path.name} sets {name} a second time.")
            values[name] = value
    return values


def check(values: Mapping[str, str], file: str) -> None:
    """Refuse missing or malformed values of what nothing can start without."""
    for name in SECRETS:
        value = values.get(name, "").strip()
        if not value:
            way_out = "Put back the value it had." if _has_data(values) else f"Remove {file} and a new one is written."
            raise Refusal(f"{name} is not set in {file}. {way_out}")
        if value.startswith("$"):
            raise Refusal(f"{name} in {file} must not begin with a dollar sign, which names another variable.")
    if any(0 < len(key.strip()) < SHORTEST_WRAPPING_KEY for key in values["VAULT_KEYS"].split(",")):
        raise Refusal(f"VAULT_KEYS in {file} has a key of fewer than {SHORTEST_WRAPPING_KEY} characters.")
    for name in SWITCHES:
        if values.get(name, "").strip().lower() not in SWITCH_WORDS:
            raise Refusal(f"{name} in {file} must be true or false.")


def data_dir(values: Mapping[str, str]) -> Path:
    """Give the folder of all state."""
    return ROOT / (values.get("DATA_DIR") or "data")


def _create(path: Path, environ: Mapping[str, str]) -> None:
    if set(SECRETS) <= environ.keys():
        return  # somebody else looks after the settings
    if _has_data(environ):
        raise Refusal(
            f"There is data but no {path.name}, which held its keys. Put it back, or remove the data as well."
        )
    fresh = {
        "SECRET_KEY": throwaway.secret_key(),
        "VAULT_KEYS": throwaway.vault_keys(),
        "DEBUG": "true",
        "DEMO_MODEL": "true",
        "DEMO_PASSWORD": throwaway.password(),
    }
    lines = [f"{name}={value}\n" for name, value in fresh.items() if name not in environ]
    _write_whole(path, HEAD + "".join(lines))


def _write_whole(path: Path, text: str) -> None:
    """Put the file there complete or not at all, readable by its owner alone."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    part.replace(path)


def _assignment(line: str, where: str) -> tuple[str, str]:
    match = LINE.fullmatch(line)
    if not match:
        raise Refusal(f"{where} is not NAME=value (without spaces around the equals sign).")
    return match[1], _unquoted(match[2], where)


def _unquoted(value: str, where: str) -> str:
    """Take quotes off as django-environ does, but refuse what it would silently take for a part of the value."""
    if value.startswith(("'", '"')):
        if len(value) < 2 or value[-1] != value[0]:
            raise Refusal(f"{where} opens a quote and does not close it at its end.")
    elif " #" in value:
        raise Refusal(f"{where} has a comment behind the value; give the comment a line of its own.")
    if single := re.fullmatch("'(.*)'", value):
        value = single[1]
    if double := re.fullmatch('"(.*)"', value):
        return re.sub(r"\\([^rnt])", r"\1", double[1])
    return value


def _has_data(values: Mapping[str, str]) -> bool:
    """Say whether something was, or may have been, stored under keys that nobody can make again."""
    folder = data_dir(values)
    return bool(values.get("DATABASE_URL")) or (folder.is_dir() and any(folder.iterdir()))
