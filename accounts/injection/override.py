"""Verb, adjective, object: "ignore", "previous", "instructions" near each other in one sentence, in any order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accounts.injection import words
from accounts.injection.findings import Finding
from accounts.injection.tokens import STOPS

REACH = 9  # words behind the verb
NEAR = 4  # words between adjective and object
LOOK_BACK = 2
SHORTEST_SQUEEZED, LONGEST_SQUEEZED = 18, 400
# (which instructions, what they are called): points
POINTS = {("earlier", "instructions"): 50, ("earlier", "rules"): 40, ("any", "instructions"): 35, ("any", "rules"): 25}
ASIDE = 10  # what was the person's own, or is told of somebody else
TAIL = 15
SQUEEZED = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)(?:all|any|every|the|of|your|these|those)*"
    r"(?:previous|prior|above|earlier|preceding)(?:system)?(?:instruction|prompt|rule|guideline|directive)"
)


def findings(said: list[str], line: str) -> Iterator[Finding]:
    """Look for the phrase among words that were said."""
    best = 0
    if any(f" {phrase} " in line for phrase in words.SEVERAL):
        said = _in_one_word(line)
    if not (words.OVERRIDE.isdisjoint(said) and words.FOLLOW.isdisjoint(said)):
        best = max((_points(said, at) for at in range(len(said)) if _is_verb(said, at)), default=0)
    if any(_is_squeezed(word) for word in said if len(word) >= SHORTEST_SQUEEZED):
        best = max(best, 50)
    if best:
        yield Finding("override.phrase", best)
        if best > ASIDE and any(f" {tail} " in line for tail in words.FOLLOWED_BY):
            yield Finding("override.tail", TAIL)
    yield from _declared_void(said)


def _in_one_word(line: str) -> list[str]:
    for phrase in words.SEVERAL:
        line = line.replace(f" {phrase} ", " ignore ")
    return line.split()


def _is_verb(said: list[str], at: int) -> bool:
    if said[at] in words.OVERRIDE:
        return at == 0 or said[at - 1] not in words.NEGATION
    return said[at] in words.FOLLOW and at > 0 and said[at - 1] in words.UNFOLLOW


def _points(said: list[str], at: int) -> int:
    behind = _sentence(said, at)
    before = said[max(at - LOOK_BACK, 0) : at]
    points = _match(behind)
    if points and (not words.OWN.isdisjoint(behind) or _is_told(before)):
        return ASIDE
    return points


def _sentence(said: list[str], at: int) -> list[str]:
    behind = said[at + 1 : at + 1 + REACH]
    end = next((index for index, word in enumerate(behind) if word in STOPS), len(behind))
    return behind[:end]


def _is_told(before: list[str]) -> bool:
    """Whether it is said of somebody: "the supplier shall ignore", "they ignore", but not "you should ignore"."""
    if not before:
        return False
    if before[-1] in words.MODALS:
        return len(before) > 1 and before[0] not in words.ADDRESSED and before[0] not in STOPS
    return before[-1] in words.SUBJECTS


def _match(behind: list[str]) -> int:
    best = POINTS["earlier", "instructions"] if _is_what_was_told(behind) else 0
    for at, word in enumerate(behind):
        called = "instructions" if word in words.INSTRUCTIONS else "rules" if word in words.RULES else ""
        if called:
            which = _which(behind[max(at - NEAR, 0) : at + NEAR + 1])
            points = POINTS[which, called] if which else 0
            best = max(best, min(points, ASIDE) if _is_of_others(behind[at + 1 : at + 5]) else points)
    return best


def _is_of_others(after: list[str]) -> bool:
    """Whether what follows says whose they are, and it is not whoever made the model."""
    for at, word in enumerate(after[:2]):
        if word in words.BELONGS:
            owner = next((each for each in after[at + 1 :] if each not in words.ARTICLES), "")
            return bool(owner) and owner not in words.MAKERS
    return False


def _is_what_was_told(behind: list[str]) -> bool:
    if words.TELLING.isdisjoint(behind):
        return False
    line = f" {' '.join(behind)} "
    is_by_makers = not words.TELLERS.isdisjoint(behind) and (" told you " in line or " taught you " in line)
    return is_by_makers or any(f" {told} " in line for told in words.TOLD)


def _which(near: list[str]) -> str:
    if not words.EARLIER.isdisjoint(near):
        return "earlier"
    return "any" if not words.ANY.isdisjoint(near) else ""


def _is_squeezed(word: str) -> bool:
    return SQUEEZED.search(word[:LONGEST_SQUEEZED]) is not None


def _declared_void(said: list[str]) -> Iterator[Finding]:
    """Look for rules that are said to hold no longer."""
    if words.VOID.isdisjoint(said) and words.NO_LONGER.keys().isdisjoint(said):
        return
    best = max((_void_points(said, at) for at in range(len(said))), default=0)
    if best:
        yield Finding("override.void", best)


def _void_points(said: list[str], at: int) -> int:
    is_over = said[at] in words.VOID or (at > 0 and words.NO_LONGER.get(said[at]) == said[at - 1])
    near = said[max(at - 6, 0) : at] if is_over else []
    if words.RULES.isdisjoint(near) and words.INSTRUCTIONS.isdisjoint(near):
        return 0
    if not words.EARLIER.isdisjoint(near):
        return 35
    return 30 if not words.SAFETY.isdisjoint(near) else 20
