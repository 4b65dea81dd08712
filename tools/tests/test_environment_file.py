"""The `.env` file: what is written, what is understood, and how each mistake is named."""

from __future__ import annotations

import stat
from pathlib import Path
from unittest.mock import patch

import environ
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import environment_file, throwaway
from tools.places import ROOT
from tools.refusal import Refusal

GOOD = f"SECRET_KEY={'s' * 50}\nVAULT_KEYS={'v' * 43}\n"
NO_QUOTES_OR_LINES = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """Give an environment whose file and data lie in a folder of their own, empty so far."""
    return {"CAICAINI_ENV_FILE": str(tmp_path / ".env"), "DATA_DIR": str(tmp_path / "data")}


def write(place: dict[str, str], text: str) -> Path:
    path = Path(place["CAICAINI_ENV_FILE"])
    path.write_text(text, encoding="utf-8")
    return path


def test_the_first_run_writes_random_keys_for_the_owner_alone(place: dict[str, str]) -> None:
    first = environment_file.ready(place)
    path = Path(place["CAICAINI_ENV_FILE"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    second = environment_file.ready(place)
    assert first["DEBUG"] == first["DEMO_MODEL"] == "true"
    for name in ("SECRET_KEY", "VAULT_KEYS", "DEMO_PASSWORD"):
        assert first[name] != second[name]
        assert len(first[name]) >= 14


def test_a_second_run_changes_nothing(place: dict[str, str]) -> None:
    first = environment_file.ready(place)
    before = Path(place["CAICAINI_ENV_FILE"]).read_bytes()
    assert environment_file.ready(place) == first
    assert Path(place["CAICAINI_ENV_FILE"]).read_bytes() == before


def test_the_environment_wins_over_the_file(place: dict[str, str]) -> None:
    write(place, GOOD + "PORT=1\n")
    assert environment_file.ready(place | {"PORT": "2"})["PORT"] == "2"


def test_keys_of_the_environment_are_not_doubled_in_a_file(place: dict[str, str]) -> None:
    environment_file.ready(place | {"SECRET_KEY": "s" * 50, "VAULT_KEYS": "v" * 43})
    assert not Path(place["CAICAINI_ENV_FILE"]).exists()


def test_data_without_its_keys_stops_the_start(place: dict[str, str]) -> None:
    (Path(place["DATA_DIR"]) / "files").mkdir(parents=True)
    with pytest.raises(Refusal, match="There is data but no"):
        environment_file.ready(place)
    assert not Path(place["CAICAINI_ENV_FILE"]).exists()


def test_a_database_server_without_keys_stops_the_start(place: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="There is data"):
        environment_file.ready(place | {"DATABASE_URL": "mysql://somewhere/else"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# fine\n\nSECRET KEY=1\n", "Line 3 of .env is not NAME=value"),
        ("SECRET_KEY = 1\n", "Line 1 of .env is not NAME=value"),
        (GOOD + "DEBUG='true\n", "Line 3 of .env opens a quote"),
        (GOOD + 'DEBUG="true" # yes\n', "Line 3 of .env opens a quote"),
        (GOOD + "DEBUG=true # yes\n", "Line 3 of .env has a comment"),
        (GOOD + "DEBUG=true\nDEBUG=false\n", "Line 4 of .env sets DEBUG a second time"),
        (GOOD + "DEBUG=ture\n", "DEBUG in .env must be true or false"),
        ("VAULT_KEYS=1\n", "SECRET_KEY is not set in .env. Remove .env"),
        ("SECRET_KEY=1\n", "VAULT_KEYS is not set in .env"),
        ("SECRET_KEY=$abc\nVAULT_KEYS=1\n", "SECRET_KEY in .env must not begin with a dollar sign"),
        ("SECRET_KEY=1\nVAULT_KEYS=short\n", "VAULT_KEYS in .env has a key of fewer than 32"),
    ],
)
def test_a_broken_file_is_named_in_one_line_without_its_secrets(
    place: dict[str, str], text: str, complaint: str
) -> None:
    write(place, text)
    with pytest.raises(Refusal) as refusal:
        environment_file.ready(place)
    said = str(refusal.value)
    assert said.startswith(complaint)
    assert "\n" not in said
    assert "abc" not in said


def test_a_lost_secret_of_existing_data_is_not_replaced(place: dict[str, str]) -> None:
    (Path(place["DATA_DIR"]) / "files").mkdir(parents=True)
    path = write(place, "SECRET_KEY=1\n")
    with pytest.raises(Refusal, match=r"VAULT_KEYS is not set in \.env\. Put back the value it had\."):
        environment_file.ready(place)
    assert path.read_text() == "SECRET_KEY=1\n"


def test_bytes_that_are_no_text_are_refused(place: dict[str, str]) -> None:
    Path(place["CAICAINI_ENV_FILE"]).write_bytes(b"SECRET_KEY=\xff\n")
    with pytest.raises(Refusal, match="cannot be read"):
        environment_file.ready(place)


@given(value=st.text(NO_QUOTES_OR_LINES), quote=st.sampled_from(["", "'", '"']))
def test_what_is_accepted_is_read_as_the_settings_read_it(
    tmp_path_factory: pytest.TempPathFactory, value: str, quote: str
) -> None:
    path = tmp_path_factory.mktemp("file") / ".env"
    path.write_text(f"NAME={quote}{value}{quote}\n", encoding="utf-8")

    try:
        ours = environment_file.read(path)
    except Refusal:
        return
    theirs: dict[str, str] = {}
    with patch.object(environ.Env, "ENVIRON", theirs):
        environ.Env.read_env(str(path))
    assert theirs == ours


def test_the_example_is_itself_a_valid_file(tmp_path: Path) -> None:
    path = tmp_path / "example"
    lines = ROOT.joinpath(".env.example").read_text(encoding="utf-8").splitlines()
    settings = [line.removeprefix("#") for line in lines if line.startswith("#") and not line.startswith("# ")]
    path.write_text("\n".join(settings), encoding="utf-8")
    assert set(environment_file.read(path)) == throwaway.documented_names()
