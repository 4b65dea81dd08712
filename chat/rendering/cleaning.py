"""The second wall: whatever the renderer made, only the tags and attributes listed here leave it."""

from __future__ import annotations

import re
from functools import cache

import nh3

from chat.rendering import maths
from chat.rendering.highlighting import CLASSES
from chat.rendering.languages import VETTED

TAGS = frozenset(
    "p h3 h4 h5 h6 ul ol li blockquote hr br em strong del code pre a table thead tbody tr th td sup span section"
    "".split()
)
SCHEMES = frozenset({"http", "https", "mailto"})
_DEAD_LINK = re.compile(r"<a(?![^>]* href=)[^>]*>(.*?)</a>", re.DOTALL)  # its address did not pass: words are left
REL = "noopener noreferrer nofollow"
CODE_CLASSES = {"hl", "math-source", "language-text", *(f"language-{alias}" for alias in VETTED)}


def clean(html: str) -> str:
    """Give the HTML without anything that is not on the list; some 0.1 ms a kB."""
    return _DEAD_LINK.sub(r"\1", _cleaner().clean(html))


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS | maths.TAGS),
        clean_content_tags=set(),
        attributes=_attributes(),
        tag_attribute_values={cell: {"align": {"left", "center", "right"}} for cell in ("th", "td")},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        allowed_classes={
            "code": CODE_CLASSES,
            "p": {"raw"},
            "section": {"footnotes"},
            "span": {*CLASSES.values(), "task", "done"},
        },
        link_rel=REL,
        url_schemes=set(SCHEMES),
        url_relative="deny",
    )


def _attributes() -> dict[str, set[str]]:
    """List what each tag may carry; the values of MathML's were checked one by one in `maths`."""
    return {
        "a": {"href"},
        "ol": {"start"},
        "li": {"data-footnote"},
        "sup": {"data-footnote"},
        **{tag: set(maths.ATTRIBUTES) for tag in maths.TAGS},
    }
