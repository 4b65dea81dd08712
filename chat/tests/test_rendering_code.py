"""Code in an answer: figures with a language and a copy button, coloured where that is affordable."""

from __future__ import annotations

import pytest

from chat.rendering import render
from chat.rendering.highlighting import CLASSES, LONGEST, LONGEST_LINE, colour
from chat.rendering.languages import VETTED, find
from chat.tests.rendered_html import assert_safe, read


def test_a_code_block_says_its_language_and_can_be_copied() -> None:
    (block,) = render("```python\ndef f() -> None: ...\n```\n")
    assert_safe([block])
    figure = read(block)
    assert figure.tag == "figure"
    assert figure.all("figcaption")[0].text == "PythonCopy"
    (button,) = figure.all("button")
    assert button.attributes == {"type": "button", "data-action": "copy-code", "aria-label": "Copy code"}
    assert figure.all("pre")[0].attributes["tabindex"] == "0"
    assert figure.all("code")[0].attributes["class"] == "language-python hl"
    assert figure.all("code")[0].text == "def f() -> None: ...\n"


def test_code_is_coloured_by_class() -> None:
    assert colour("def f(): return 'a' # b", "python") == (
        '<span class="k">def</span> <span class="nf">f</span>(): <span class="k">return</span> '
        '<span class="s">\'a\'</span> <span class="c"># b</span>'
    )


@pytest.mark.parametrize("name", ["js", "JavaScript", "jsonc", "yml", "c++", "sh", "html"])
def test_languages_go_by_many_names(name: str) -> None:
    assert find(name).alias in VETTED


UNKNOWN = [("mermaid", "mermaid"), ("", "Text"), ("text", "Text"), ('"><b onclick=x>', "bonclickx"), ("<>", "Text")]


@pytest.mark.parametrize(("name", "label"), UNKNOWN)
def test_an_unknown_language_is_shown_without_colours(name: str, label: str) -> None:
    assert find(name).alias == "text"
    assert find(name).label == label


def test_every_vetted_language_exists() -> None:
    assert {find(name).alias for name in VETTED} == VETTED


@pytest.mark.parametrize("name", sorted(VETTED))
def test_colouring_never_alters_the_code(name: str) -> None:
    source = "# a <b>&amp;\r\nx = 'y' /* z */ \"\t\n\n$ ls -l\n\ufffd é\n"
    blocks = render(f"```{name}\n{source}\n```\n")
    assert_safe(blocks)
    assert read(blocks[0]).all("code")[0].text == source.replace("\r\n", "\n") + "\n"


COSTLY = ["x = 1\n" * (LONGEST // 6 + 1), "x" * (LONGEST_LINE + 1), "x" + "\n" * 12 + "y", "x\n" + " \n" * 11 + "y"]


@pytest.mark.parametrize("source", COSTLY, ids=["long", "long line", "empty lines", "lines of spaces"])
def test_code_that_could_take_long_is_shown_plainly(source: str) -> None:
    assert colour(source, "python") == source


def test_code_that_takes_too_long_is_shown_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.rendering.highlighting.SECONDS", -1.0)
    assert colour("def f(): ...", "python") == "def f(): ..."


def test_an_open_fence_at_the_end_is_code() -> None:
    (block,) = render("```python\nx = 1")
    assert read(block).all("code")[0].text == "x = 1"


def test_code_inside_a_list_has_its_button_too() -> None:
    blocks = render("- a\n\n  ```sql\n  SELECT 1;\n  ```\n\n  ```\n  b\n  ```\n")
    assert_safe(blocks)
    assert [caption.text for caption in read(blocks[0]).all("figcaption")] == ["SQLCopy", "TextCopy"]


def test_classes_are_short() -> None:
    assert all(len(name) <= 2 for name in CLASSES.values())
