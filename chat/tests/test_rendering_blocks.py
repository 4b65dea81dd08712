"""What a complete answer looks like: blocks of safe HTML in the page's own terms."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from chat.rendering import plain_user_html, render
from chat.rendering.cleaning import clean
from chat.rendering.markdown import to_html
from chat.rendering.rewriting import Rewriter
from chat.rendering.splitting import split
from chat.tests.rendered_html import Element, assert_safe, markdown, read


def only(text: str) -> Element:
    """Render a text that makes one block, and give its root."""
    blocks = render(text)
    assert_safe(blocks)
    assert len(blocks) == 1, blocks
    return read(blocks[0])


def test_nothing_makes_no_blocks() -> None:
    assert render("") == render(" \n\n") == []


def test_each_top_level_element_is_a_block_with_its_own_direction() -> None:
    blocks = render("# Title\n\nOne.\n\n- a\n- b\n\n> quote\n\n---\n")
    assert [read(block).tag for block in blocks] == ["h3", "p", "ul", "blockquote", "hr"]
    assert_safe(blocks)


@pytest.mark.parametrize(("marks", "tag"), [("#", "h3"), ("##", "h4"), ("###", "h5"), ("####", "h6"), ("######", "h6")])
def test_headings_start_below_those_of_the_page(marks: str, tag: str) -> None:
    assert only(f"{marks} Title").tag == tag


def test_dashes_below_a_paragraph_are_a_rule_and_no_heading() -> None:
    assert [read(block).tag for block in render("A paragraph.\n---\nAnother.")] == ["p", "hr", "p"]


def test_inline_marks() -> None:
    assert render("**a** *b* ~~c~~ `d`") == [
        '<p dir="auto"><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>'
    ]


def test_emphasis_works_between_chinese_characters() -> None:
    assert "<strong>中文。</strong>字" in render("这是**中文。**字")[0]


def test_raw_html_shows_as_text() -> None:
    root = only("a <b onclick='x'>bold</b> word")
    assert root.text == "a <b onclick='x'>bold</b> word"


def test_raw_html_between_blocks_shows_as_text() -> None:
    blocks = render("one\n\n<div class='x'>\n  two\n</div>\n\nthree")
    assert_safe(blocks)
    assert [read(block).text for block in blocks] == ["one", "<div class='x'>\n  two\n</div>", "three"]


def test_a_line_break_in_a_cell_is_one() -> None:
    assert len(only("| a |\n|---|\n| one<br>two<br/>three |").all("br")) == 2


def test_a_line_break_in_code_stays_text() -> None:
    assert only("`a<br>b`").text == "a<br>b"


def test_a_table_scrolls_by_itself_and_has_a_name() -> None:
    root = only("| Name | Price |\n|---|---:|\n| a | 1 |\n")
    assert root.attributes["aria-label"] == "Table: Name, Price"
    assert root.attributes["tabindex"] == "0"
    assert [cell.attributes for cell in root.all("td")] == [{}, {"align": "right"}]


def test_a_table_with_hostile_headers_keeps_them_in_its_name() -> None:
    root = only('| " onfocus="x | <b> |\n|---|---|\n| a | 1 |\n')
    assert root.attributes["aria-label"] == 'Table: " onfocus="x, <b>'


def test_tasks_are_disabled_boxes_with_a_name() -> None:
    boxes = only("- [ ] one\n- [x] two\n").all("input")
    assert [box.attributes["aria-label"] for box in boxes] == ["Not done", "Done"]
    assert all("disabled" in box.attributes for box in boxes)
    assert ["checked" in box.attributes for box in boxes] == [False, True]


def test_numbered_lists_keep_their_number() -> None:
    assert only("7. a\n8. b\n").attributes["start"] == "7"


def test_links_lead_outside_without_telling_where_from() -> None:
    (link,) = only("see [the *docs*](https://example.org/a?b=c&d=e#f)").all("a")
    assert link.attributes == {
        "href": "https://example.org/a?b=c&d=e#f",
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }
    assert link.text == "the docs"


@pytest.mark.parametrize("text", ["www.example.org", "https://example.org", "ann@example.org", "<https://example.org>"])
def test_addresses_become_links(text: str) -> None:
    assert len(only(text).all("a")) == 1


@pytest.mark.parametrize(
    "address", ["/account/logout/", "//example.org/x", "page.html", "#top", "", "ftp://example.org"]
)
def test_links_to_anywhere_else_are_words(address: str) -> None:
    root = only(f"go [there]({address}) now")
    assert root.all("a") == []
    assert root.text == "go there now"


def test_an_image_is_named_and_not_loaded() -> None:
    (link,) = only("![a *cat*](https://img.example.org/cat.png?id=1 'title')").all("a")
    assert link.text == "Image: a cat (img.example.org)"
    assert link.attributes["href"] == "https://img.example.org/cat.png?id=1"


def test_an_image_in_a_link_becomes_its_words() -> None:
    (link,) = only("[![cat](https://img.example.org/c.png) more](https://example.org)").all("a")
    assert link.text == "Image: cat (img.example.org) more"


@pytest.mark.parametrize("address", ["data:image/png;base64,AAAA", "/media/x.png", "javascript:alert(1)", "http://[x"])
def test_an_image_from_anywhere_else_is_words(address: str) -> None:
    root = only(f"![cat]({address})")
    assert root.all("a") == []
    assert "cat" in root.text


def test_reference_links_may_be_defined_at_the_end() -> None:
    assert only("[a][1]\n\n[1]: https://example.org\n").all("a")[0].attributes["href"] == "https://example.org"


def test_footnotes_lead_there_and_back() -> None:
    blocks = render("One[^a] two[^a] three[^b].\n\n[^a]: First\n[^b]: Second\n")
    assert_safe(blocks)
    text, notes = (read(block) for block in blocks)
    assert [link.text for link in text.all("a")] == ["1", "1", "2"]
    targets = {item.attributes["id"] for item in notes.all("li")}
    assert {link.attributes["href"].removeprefix("#") for link in text.all("a")} == targets
    marks = [link.attributes["id"] for link in text.all("a") if "id" in link.attributes]
    assert [link.attributes["href"] for link in notes.all("a")] == [f"#{mark}" for mark in marks]
    assert len(marks) == len(set(marks)) == 2


def test_footnotes_of_two_answers_do_not_share_an_id() -> None:
    one, other = ("".join(render(f"{word}[^1]\n\n[^1]: note\n")) for word in ("one", "other"))
    assert not set(re.findall(r' id="[^"]*"', one)) & set(re.findall(r' id="[^"]*"', other))


def test_a_footnote_in_a_link_makes_no_link_in_a_link() -> None:
    blocks = render("[text[^1]](https://example.org)\n\n[^1]: note\n")
    assert [link.text for link in read(blocks[0]).all("a")] == ["text1"]
    assert_safe(blocks)


def test_the_person_s_own_words_stay_as_they_are() -> None:
    assert plain_user_html("<b>*a*</b>\n\n  b & https://x.y \0") == (
        '<div class="plain" dir="auto">&lt;b&gt;*a*&lt;/b&gt;\n\n  b &amp; https://x.y \ufffd</div>'
    )


@given(markdown)
def test_the_blocks_together_are_the_whole(text: str) -> None:
    """Cutting loses only white space, and finishing each block by itself gives what finishing all at once does."""
    html = to_html(text)
    fragments = list(split(html))
    assert without_space("".join(fragment.html for fragment in fragments)) == without_space(html)
    one_by_one = "".join(clean(Rewriter(is_final=False).rewrite(fragment.html)) for fragment in fragments)
    assert without_space(one_by_one) == without_space(clean(Rewriter(is_final=False).rewrite(html)))


@given(markdown)
def test_any_text_makes_safe_blocks(text: str) -> None:
    assert_safe(render(text))


def without_space(html: str) -> str:
    return "".join(html.split())
