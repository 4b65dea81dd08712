"""Comrak's HTML in our own words: headings below the page's, safe links, no images, coloured code, set maths."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from chat.rendering import budget, languages
from chat.rendering.highlighting import colour
from chat.rendering.maths import to_mathml

# Every alternative is exact for comrak's output, where `<` always starts a tag (see `splitting`).
_PARTS = re.compile(
    r"""
    <pre><code(?P<block>[^>]*)>(?P<source>[^<]*)</code></pre>
    | <span\ data-math-style="(?P<style>\w+)">(?P<latex>[^<]*)</span>
    | (?P<code><code[^>]*>[^<]*</code>)
    | <img\ src="(?P<src>[^"]*)"\ alt="(?P<alt>[^"]*)"[^>]*>
    | <a\ href="(?P<href>[^"]*)"[^>]*>(?P<label>.*?)</a>
    | (?P<end></?)h(?P<level>[1-6])>
    | <input\ type="checkbox"(?P<checked>\ checked="")?[^>]*>
    | (?P<break>&lt;br\s{0,9}/?&gt;)
    """,
    re.VERBOSE | re.DOTALL,
)
_LANGUAGE = re.compile(r' class="language-([^"]*)"')
_FOOTNOTE = re.compile(r"<sup data-footnote[^>]*>(\d*)</sup>")
_OPEN_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_HEADING_SHIFT = 2  # the page has h1, a message h2


class Rewriter:
    """Rewrites one fragment. `labels` then holds the language of each code block, in order.

    A draft (a block that still grows) is not coloured and shows maths as source.
    """

    def __init__(self, *, is_final: bool) -> None:
        self.labels: list[str] = []
        self._is_final = is_final

    def rewrite(self, html: str) -> str:
        return _PARTS.sub(self._part, html)

    def _part(self, found: re.Match[str]) -> str:
        if found["source"] is not None:
            return self._code_block(found["block"], found["source"])
        if found["latex"] is not None:
            return self._formula(found["latex"], is_display=found["style"] == "display")
        if found["href"] is not None:
            return self._link(found["href"], found["label"])
        if found["level"]:
            return f"{found['end']}h{min(int(found['level']) + _HEADING_SHIFT, 6)}>"
        return self._mark(found)

    def _mark(self, found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        if found["src"] is not None:
            return _image(found["src"], found["alt"], may_link=True)
        if found["break"]:
            return "<br>"  # the one piece of raw HTML that models need: a line break inside a table's cell
        return f'<span class="{"task done" if found["checked"] else "task"}"></span>'

    def _code_block(self, attributes: str, source: str) -> str:
        code = unescape(source)
        is_plain = not self._is_final or budget.PLAIN in attributes
        if "data-math-style" in attributes and not is_plain and (formula := to_mathml(code, is_display=True)):
            return f"<p>{formula}</p>"
        named = _LANGUAGE.search(attributes)
        language = languages.find(unescape(named[1]) if named else "")
        self.labels.append(language.label)
        text = source if is_plain else colour(code, language.alias)
        return f'<pre><code class="language-{language.alias} hl">{text}</code></pre>'

    def _formula(self, source: str, *, is_display: bool) -> str:
        formula = to_mathml(unescape(source), is_display=is_display) if self._is_final else None
        return formula or f'<code class="math-source">{source}</code>'

    def _link(self, href: str, label: str) -> str:
        """Keep a link that leads outside by a known scheme; of any other only the words stay."""
        words = _FOOTNOTE.sub(r"<sup>\1</sup>", _PARTS.sub(self._inside_link, label))
        return f'<a href="{href}">{words}</a>' if _OPEN_LINK.match(unescape(href)) else words

    def _inside_link(self, found: re.Match[str]) -> str:
        if found["src"] is not None:
            return _image(found["src"], found["alt"], may_link=False)
        return self._part(found)


def _image(src: str, alt: str, *, may_link: bool) -> str:
    """Name an image instead of loading it: its host would learn who reads what."""
    url = unescape(src)
    host = _host(url)
    what = unescape(alt).strip() or _("untitled")
    if not host:
        return escape(_("Image: %(name)s") % {"name": what})
    words = escape(_("Image: %(name)s (%(host)s)") % {"name": what, "host": host})
    return f'<a href="{src}">{words}</a>' if may_link else words


def _host(url: str) -> str:
    if not _OPEN_LINK.match(url):
        return ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
