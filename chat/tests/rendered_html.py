"""Reads blocks as a browser would meet them, and holds them against a list of what may be there at all.

The list is written here once more on purpose: it must not follow a mistake in the renderer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from hypothesis import strategies as st

VOID = {"br", "hr", "input"}
MATHS = (
    "math mrow mi mn mo mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mstyle mpadded "
    "mphantom menclose mtable mtr mtd"
).split()
PROSE = "p h3 h4 h5 h6 ul li blockquote hr br em strong del pre table thead tbody tr sup span section figure figcaption"
NUMBER = r"[0-9]{1,9}"
FOOTNOTE = r"[0-9a-f]{8}-[0-9]+"
MATHS_VALUE = r"[a-z -]+|[+-]?[0-9.]*(em|ex|cm|in|px|pt|mm)?"
ATTRIBUTES: dict[str, dict[str, str]] = {
    **{tag: {} for tag in PROSE.split()},
    **{tag: {"[a-z]+": MATHS_VALUE} for tag in MATHS},
    "p": {"class": "raw"},
    "ol": {"start": NUMBER},
    "li": {"id": f"fn-{FOOTNOTE}"},
    "td": {"align": "left|center|right"},
    "th": {"align": "left|center|right"},
    "div": {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": r"(?s).+"},
    "section": {"class": "footnotes"},
    "figure": {"class": "code( continued)?"},
    "pre": {"tabindex": "0", "dir": "ltr"},
    "code": {"class": r"math-source|language-[a-z+.-]+ hl"},
    "span": {"class": "[a-z]{1,2}"},
    "sup": {"class": "footnote-ref"},
    "button": {"type": "button", "data-action": "copy-code", "aria-label": "Copy code"},
    "input": {"type": "checkbox", "disabled": "", "checked": "", "aria-label": "Done|Not done"},
    "a": {
        "href": rf"(?i)(?s)https?://.*|mailto:.*|#fn(ref)?-{FOOTNOTE}",
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
        "id": f"fnref-{FOOTNOTE}",
        "class": "footnote-back",
        "aria-label": "Footnote [0-9]+|Back to the text",
    },
}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str) -> list[Element]:
        found = [self] if self.tag == tag else []
        for child in self.children:
            found += [] if isinstance(child, str) else child.all(tag)
        return found


class Reader(HTMLParser):
    """Builds the tree and refuses whatever is not balanced, is no element, or would be repaired."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _value in attrs}) == len(attrs), f"twice the same attribute in {tag}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("declaration")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError("declaration")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("processing instruction")

    def finish(self) -> Element:
        self.close()
        assert len(self._open) == 1, f"<{self._open[-1].tag}> stays open"
        return self.root


def read(html: str) -> Element:
    """Give the one root element of a block."""
    reader = Reader()
    reader.feed(html)
    children = reader.finish().children
    assert len(children) == 1, f"{len(children)} roots"
    root = children[0]
    assert isinstance(root, Element), "text without an element"
    return root


def assert_safe(blocks: list[str]) -> None:
    """Hold each block against the list: one root with a direction, known tags, known attributes with known values."""
    for block in blocks:
        root = read(block)
        assert root.attributes.pop("dir") == "auto"
        _assert_element_safe(root)


def _assert_element_safe(element: Element) -> None:
    allowed = ATTRIBUTES[element.tag]
    for name, value in element.attributes.items():
        pattern = next((allowed[known] for known in allowed if re.fullmatch(known, name)), None)
        assert pattern is not None, f"<{element.tag} {name}>"
        assert re.fullmatch(pattern, value), f"<{element.tag} {name}={value!r}>"
    if element.tag == "a" and not element.attributes["href"].startswith("#"):
        assert {"rel", "target"} <= element.attributes.keys()
    for child in element.children:
        if isinstance(child, Element):
            _assert_element_safe(child)


# Markdown as models write it, and as nobody would: for hypothesis.
LINES = r"""
para **bold** `code` *em* ~~gone~~
# one
## two
- a
  - c
1. x
2. y
   more
> quote
> - in quote
```py
x = 1 # hi
```
~~~
~~~html title="x"
| a | b |
|---|:-:|
| 1 | 2 |
---
***
    indented
$$
x^2 \over 2
\[
\]
<div>
</div>
<!-- c -->
text [r] and [^1]
[r]: http://x.y 'z'
[^1]: note
> [^1]: nested note
- [ ] task
- [x] task
===
line\
a\
http://x.y/z
![a](http://i.j/k)
&amp; &#x41; &lt;
<details>
$x$ and \(y\)
**
_
[a](b)
[a](javascript:alert(1))
<script>alert(1)</script>
<img src=x onerror=alert(1)>
```math
\frac{1}{2}
中文**粗体**字
a<br>b
"""
lines = st.one_of(st.sampled_from(LINES.strip().split("\n")), st.text(max_size=12))
ends = st.sampled_from(["\n", "\n\n", "\r\n", "", " "])
markdown = st.lists(st.tuples(lines, ends).map("".join), max_size=14).map("".join)
