"""Every kind of mail: both parts say the same, nothing is fetched from anywhere, and no value gets out of its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.core.mail.backends.locmem import EmailBackend
from django.template import engines

from accounts.models import OutboxMail
from accounts.outbox import letters
from accounts.tests.outbox.mails import ANN, NOW

FOLDER = Path(configured.BASE_DIR) / "templates" / "mail"
KINDS = sorted(path.stem for path in FOLDER.glob("*.txt") if not path.name.startswith("_"))
USED = re.compile(r"{{\s*(\w+)|{%\s*(?:el)?if (?:not )?(\w+)")
EVIL = "a\r\nBcc: bob@example.test\r\n\r\n<b>x</b> & 'y'\u2028z"
UNDERSTOOD = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "p",
    "strong",
    "a",
    "hr",
    "small",
    "br",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
}


class Page(HTMLParser):
    """What a mail client sees of the HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if not self._in_title:
            self.words += data.split()


def names_in(kind: str, *, only_shown: bool = False) -> Iterator[str]:
    for ending in ("txt", "html"):
        for found in USED.finditer((FOLDER / f"{kind}.{ending}").read_text(encoding="utf-8")):
            if found[1] or not only_shown:
                yield found[1] or found[2]


def written(kind: str, value: str = "") -> letters.Letter:
    """Write a letter with its own name in each place for a value, or `value` in all of them."""
    names = set(names_in(kind)) - {"site_url", "when"}
    context: dict[str, str | int] = {name: letters.on_one_line(value) or f"Value-of-{name}" for name in names}
    return letters.write(OutboxMail(kind=kind, created_at=NOW), context)


def test_the_kinds_of_accounts_are_there() -> None:
    needed = (
        "verify_email password_reset password_reset_unknown account_already_exists email_changed_old email_changed_new "
        "password_changed new_device session_theft sign_ins_ended"
    )
    assert set(needed.split()) <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind: str) -> None:
    letter = written(kind)
    assert Page(letter.html).words == letter.text.replace("\n-- \n", "\n").split()
    for name in set(names_in(kind, only_shown=True)) - {"site_url", "when"}:
        assert f"Value-of-{name}" in letter.text
    assert "26 November 2026, 12:00 UTC" in letter.text or "when" not in set(names_in(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_fetched_and_every_link_shows_where_it_leads(kind: str, settings: Any) -> None:
    settings.SITE_URL = "https://caicaini.test"
    page = Page(written(kind, "https://caicaini.test/value").html)
    for tag, attributes in page.tags:
        assert tag in UNDERSTOOD
        assert set(attributes) <= {"lang", "charset", "name", "content", "href"}
        if tag == "a":
            target = attributes["href"]
            assert target is not None
            assert target.startswith("https://caicaini.test")
            assert target in page.words
        else:
            assert "href" not in attributes
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in page.tags


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_gets_out_of_its_place(kind: str) -> None:
    plain, letter = written(kind), written(kind, EVIL)
    mail = OutboxMail(kind=kind, uuid=uuid4(), created_at=NOW)
    sent = letters.message(mail, ANN, letter).message()
    assert sent["Bcc"] is None
    assert sent.get_all("To") == [ANN]
    assert set(sent.keys()) == set(letters.message(mail, ANN, plain).message().keys())
    assert len(letter.text.splitlines()) == len(plain.text.splitlines())
    assert [tag for tag, _ in Page(letter.html).tags] == [tag for tag, _ in Page(plain.html).tags]


def test_a_value_in_the_subject_makes_no_second_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one that was stored with its line breaks."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "greeting.txt").write_text("Subject: Hello {{ name }}\n\nIt's {{ name }}.", encoding="utf-8")
    (tmp_path / "mail" / "greeting.html").write_text("<p>It's {{ name }}.</p>", encoding="utf-8")
    engine = engines["django"].engine  # type: ignore[attr-defined]  # the stub knows no engines of Django's own kind
    monkeypatch.setattr(engine.template_loaders[0].loaders[0], "dirs", [tmp_path, configured.BASE_DIR / "templates"])
    mail = OutboxMail(kind="greeting", uuid=uuid4(), created_at=NOW)
    with pytest.raises(letters.BadTemplate):
        letters.write(mail, {"name": "Ann\nBcc: bob@example.test"})
    letter = letters.write(mail, {"name": letters.on_one_line("O'Neill <b>\r\nBcc: bob@example.test")})
    assert letter.subject == "Hello O'Neill <b>  Bcc: bob@example.test"
    assert letter.text.startswith("It's O'Neill <b>")
    assert "O&#x27;Neill &lt;b&gt;" in letter.html
    assert letters.message(mail, ANN, letter).message()["Bcc"] is None


def test_a_text_without_its_subject_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mail").mkdir()
    engine = engines["django"].engine  # type: ignore[attr-defined]
    monkeypatch.setattr(engine.template_loaders[0].loaders[0], "dirs", [tmp_path])
    for number, text in enumerate(["Hello", "Subject: \n\nHello", "Subject: Hello\nHello", "Subject: Hello\n\n", ""]):
        (tmp_path / "mail" / f"bad{number}.txt").write_text(text, encoding="utf-8")
        with pytest.raises(letters.BadTemplate):
            letters.write(OutboxMail(kind=f"bad{number}", created_at=NOW), {})


def test_a_name_of_many_letters_and_a_subject_beyond_ascii_arrive(mailoutbox: list[Any], settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Cäicaini <mail@bücher.test>"
    mail = OutboxMail(kind="new_device", uuid=uuid4(), created_at=NOW)
    letter = letters.write(mail, {"device": "Zaunkönig 🐦 " * 200})
    assert EmailBackend().send_messages([letters.message(mail, ANN, letter)]) == 1
    sent = mailoutbox[0].message()
    assert sent["Message-ID"] == f"<{mail.uuid}@xn--bcher-kva.test>"
    assert "Zaunkönig 🐦" in sent.get_payload(0).get_payload(decode=True).decode()
