"""LaTeX to MathML that browsers can show; what cannot be read is left to the caller as source."""

from __future__ import annotations

import re
from html import escape
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

from chat.rendering.alphabets import restyle

LONGEST = 2_000  # characters
DEEPEST = 100  # elements

TAGS = frozenset(
    "math mrow mi mn mo mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mstyle mpadded "
    "mphantom menclose mtable mtr mtd".split()
)
_SIZE = re.compile(r"[+-]?(\d?(\.\d+)?(em|ex|cm|in)|\d{1,2}(\.\d+)?(px|pt|mm)|0)")
_WORD = re.compile(r"[a-z-]{1,20}( [a-z-]{1,20}){0,99}")
_LEVEL = re.compile(r"[+-]?\d")
# Colours are left out: a text that names one knows nothing of our two themes. So are links, classes and styles.
ATTRIBUTES = {
    **dict.fromkeys("width height depth lspace rspace voffset linethickness minsize maxsize".split(), _SIZE),
    **dict.fromkeys("accent accentunder display displaystyle fence form largeop movablelimits".split(), _WORD),
    **dict.fromkeys(
        "separator stretchy symmetric mathvariant notation columnalign columnlines rowlines".split(), _WORD
    ),
    "scriptlevel": _LEVEL,
}

# Definitions can double with every line, and `\sideset` writes its operand twice.
_COSTLY = re.compile(r"\\(?:newcommand|renewcommand|def|newenvironment|DeclareMathOperator|sideset)(?![a-zA-Z])")
_LABEL = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![a-zA-Z])")
_ENVIRONMENT = re.compile(r"(\\(?:begin|end)\s*\{)(align|aligned|eqnarray|gather|gathered|multline|equation)\*?\}")
_PLAIN_ENVIRONMENTS = {"align": "align*", "aligned": "align*", "eqnarray": "align*", "equation": "matrix"}

_REFERENCE = re.compile(r"&#x([0-9a-fA-F]{1,6});")
_NAME = re.compile(r"(?!mod$)[a-zA-Z]{2,20}")
_LIMITS = frozenset("lim max min sup inf argmax argmin liminf limsup det gcd Pr".split())
_UNDER = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}


class _Unreadable(ValueError):
    """A formula that is not shown as one."""


def to_mathml(latex: str, *, is_display: bool) -> str | None:
    """Give a `<math>` element, or None where the source says more. Some 0.1 ms for a short formula."""
    if len(latex) > LONGEST or _COSTLY.search(latex):
        return None
    display = "block" if is_display else "inline"
    try:
        return _markup(Converter(display=display).convert_to_element(_plain(latex)))
    except Exception:  # noqa: BLE001 - the library raises whatever it stumbles over: IndexError, StopIteration ...
        return None


def _plain(latex: str) -> str:
    """Rewrite what the library does not know: environments that number lines or nest in others, labels."""
    return _ENVIRONMENT.sub(
        lambda found: found[1] + _PLAIN_ENVIRONMENTS.get(found[2], "matrix") + "}", _LABEL.sub("", latex)
    )


def _markup(element: Element, depth: int = 0) -> str:
    if element.tag not in TAGS or depth > DEEPEST:
        raise _Unreadable
    attributes = {name: value for name, value in element.attrib.items() if _is_allowed(name, value)}
    tag = _tag(element, attributes)
    text = _text(element, attributes)
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inside = "".join(_markup(child, depth + 1) for child in element)
    return f"<{tag}{written}>{escape(text)}{inside}</{tag}>"


def _is_allowed(name: str, value: str) -> bool:
    pattern = ATTRIBUTES.get(name)
    return bool(pattern and pattern.fullmatch(value))


def _tag(element: Element, attributes: dict[str, str]) -> str:
    """Set a thin space around `log` and its kind, and what stands at `lim` below it, as print does."""
    if element.tag in {"mi", "mo"} and _NAME.fullmatch(element.text or ""):
        attributes.update(dict.fromkeys(("lspace", "rspace"), "0.167em"))
        if element.text in _LIMITS:
            attributes["movablelimits"] = "true"
        return "mo"
    first = element[0] if len(element) else None
    if first is not None and first.tag == "mo" and first.text in _LIMITS:
        return _UNDER.get(element.tag, element.tag)
    return element.tag


def _text(element: Element, attributes: dict[str, str]) -> str:
    """Decode the references that the library writes as text, and put letters into their alphabet."""
    source = element.text or ""
    text = _REFERENCE.sub(_character, source)
    variant = attributes.pop("mathvariant", "")
    if element.tag == "mi" and text != source and text.isascii() and text.isalpha():
        attributes["mathvariant"] = "normal"  # it writes \mathrm{d} so; a single letter would lean
    elif variant == "normal" and element.tag == "mi":
        attributes["mathvariant"] = "normal"
    return restyle(text, variant)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    is_sound = 0x20 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF
    return chr(code) if is_sound else "\ufffd"
