"""Every colour of code can be read on its ground, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from chat.rendering.highlighting import CLASSES

FOLDER = Path(settings.BASE_DIR) / "static" / "caicaini"
STYLES = (FOLDER / "code.css").read_text(encoding="utf-8")
COLOUR = r"(--[a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);"
COLOURS = {name: (light, dark) for name, light, dark in re.findall(COLOUR, STYLES)}
GROUNDS = {
    name: (light, dark)
    for name, light, dark in re.findall(COLOUR, (FOLDER / "base.css").read_text(encoding="utf-8"))
    if name in {"--paper-aside", "--tint"}
}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", ["--paper-aside", "--tint"])
@pytest.mark.parametrize("name", COLOURS)
def test_colours_can_be_read(name: str, ground: str) -> None:
    for colour, paper in zip(COLOURS[name], GROUNDS[ground], strict=True):
        assert contrast(colour, paper) >= 4.5, (name, colour, paper)


def test_every_class_has_its_style_and_every_style_its_class() -> None:
    assert set(re.findall(r"\.hl \.([a-z]+)", STYLES)) == set(CLASSES.values())
    assert set(re.findall(r"var\((--code-[a-z]+)\)", STYLES)) == {
        name for name in COLOURS if name.startswith("--code-")
    }
