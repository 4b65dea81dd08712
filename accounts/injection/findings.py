"""What a rule says: its id and points. The ids may be stored and shown; what they were found in never is."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    rule: str
    points: int
