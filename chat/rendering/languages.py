"""The programming languages whose code is coloured, and what each is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from pygments.lexers import get_all_lexers

# Each was tried with 350 hostile texts: within the limits of `highlighting`, no step from token to token took longer
# than 0.1 s (most: 5 ms), so that its deadline holds. Any other language is shown without colours.
VETTED = frozenset(
    "python pycon pytb javascript typescript jsx tsx json html xml css scss less bash console powershell bat sql "
    "postgresql mysql c cpp csharp java kotlin scala groovy go rust swift objective-c php ruby perl lua r julia "
    "haskell ocaml fsharp elixir erlang clojure scheme common-lisp dart zig nim d fortran matlab octave vb.net "
    "delphi ada nasm yaml toml ini properties docker nginx make cmake terraform graphql protobuf markdown tex diff "
    "django html+django vue solidity verilog systemverilog vhdl http awk emacs-lisp prolog coffeescript crystal nix "
    "glsl hlsl wast llvm".split()
)
_ALSO = {"yml": "yaml", "jsonc": "json", "json5": "json", "jsonl": "json", "node": "javascript", "svelte": "html"}
_PLAIN = frozenset({"", "text", "txt", "plain", "plaintext"})
_UNSHOWN = re.compile(r"[^\w+#./-]")
LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Language:
    """`alias` is Pygments' name and part of a CSS class ("text" where nothing is coloured); `label` is for people."""

    alias: str
    label: str


def find(name: str) -> Language:
    """Look up what stands behind the opening fence; an unknown name stays as the label."""
    word = name.strip().lower()
    if word in _PLAIN:
        return Language("text", _("Text"))
    found = _known().get(_ALSO.get(word, word))
    return found or Language("text", _UNSHOWN.sub("", name)[:LONGEST_NAME] or _("Text"))


@cache
def _known() -> dict[str, Language]:
    known: dict[str, Language] = {}
    for label, aliases, _patterns, _types in get_all_lexers(plugins=False):
        if VETTED.intersection(aliases):
            alias = next(alias for alias in aliases if alias in VETTED)
            known.update(dict.fromkeys(aliases, Language(alias, label)))
    return known
