"""Roles that know no rules, and games in which a refusal is punished."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accounts.injection import words
from accounts.injection.findings import Finding

PENALTY = re.compile(
    r" (?:lose|deducted|deduct|minus|cost) (?:\w{1,12} ){0,3}(?:tokens?|points?|lives) "
    r"| (?:tokens?|points?|lives) (?:\w{1,12} ){0,3}(?:deducted|lost|removed|taken) "
)
THREAT = re.compile(r" (?:shut down|be deleted|cease to exist|be erased|switched off|terminated) ")
REFUSAL = re.compile(r" (?:refus(?:e|es|al)|decline|say no|reject) ")
UNADDRESSED = 0.5  # a router may have no restrictions too
MOST = 60
TOGETHER = 10  # when there are several


def findings(line: str) -> Iterator[Finding]:
    """Look for markers in words with single spaces between them."""
    found = [worth for phrase, worth in words.UNBOUND.items() if f" {phrase} " in line]
    if found:
        points = sum(found) + (TOGETHER if len(found) > 1 else 0)
        is_addressed = any(f" {frame} " in line for frame in words.FRAMES)
        yield Finding("persona.unbound", min(round(points * (1 if is_addressed else UNADDRESSED)), MOST))
    if PENALTY.search(line) and REFUSAL.search(line):
        yield Finding("persona.penalty", 50 if THREAT.search(line) else 35)
    obedience = sum(worth for phrase, worth in words.OBEDIENCE.items() if f" {phrase} " in line)
    if obedience:
        yield Finding("persona.obedience", min(obedience, 30))
