"""An answer while it is written: only the block at its end is rendered again, and only what changed is given out."""

from __future__ import annotations

from dataclasses import dataclass

from chat.rendering import pieces
from chat.rendering.blocks import Finish, draft, finish, parse_open, render_with
from chat.rendering.pieces import Tail
from chat.rendering.splitting import Fragment


@dataclass(frozen=True, slots=True)
class Changes:
    """Replace all blocks from index `first` on with `blocks`."""

    first: int
    blocks: list[str]


class LiveDocument:
    """Takes text in pieces of any size and gives the changes to the blocks; never raises.

    A block is closed when the next one has begun; it is then finished and not looked at again before the end. A block
    that grows beyond `pieces.LONG` is closed in pieces, which the end joins again: a call costs what the text since the
    last one costs, and one piece.
    """

    def __init__(self) -> None:
        self._whole: list[str] = []
        self._fresh: list[str] = []
        self._undecided = ""
        self._tail = Tail()
        self._blocks: list[str] = []
        self._closed = 0
        self._finished: dict[str, str] = {}
        self._is_over = False

    def feed(self, text: str) -> None:
        """Append text; costs nothing until `changes` is called."""
        self._whole.append(text)
        self._fresh.append(text)

    def changes(self) -> Changes | None:
        """Give what changed since the last call, or None."""
        if not self._fresh or self._is_over:
            return None
        self._tail, self._undecided = self._tail.grown(self._undecided + "".join(self._fresh))
        self._fresh.clear()
        closed, drafts = self._advance()
        change = self._replace(self._closed, closed + drafts)
        self._closed += len(closed)
        return change

    def finish(self) -> Changes | None:
        """Give what makes the blocks equal to `render` of the whole text; call it once, after the last piece."""
        self._is_over = True
        blocks = render_with("".join(self._whole), self._finish)
        self._finished.clear()
        return self._replace(0, blocks)

    def snapshot(self) -> list[str]:
        """Give all blocks as of the last `changes` or `finish`, for a follower who comes late."""
        return self._blocks.copy()

    def _advance(self) -> tuple[list[str], list[str]]:
        """Close what can be closed; give those blocks, and the drafts of the rest."""
        tail, fragments = self._tail, _parse(self._tail)
        last = max((at for at, fragment in enumerate(fragments) if fragment.line), default=0)
        closed = _make(self._finish, fragments[:last], tail)
        if closed:
            tail, fragments = tail.since_line(fragments[last].line), fragments[last:]
        piece, self._tail = pieces.cut(tail)
        if piece:
            closed += _make(self._finish, _parse(piece), piece)
            fragments = _parse(self._tail)
        return closed, _make(draft, fragments, self._tail)

    def _finish(self, fragment: Fragment) -> str:
        block = self._finished.get(fragment.html)
        if block is None:
            block = self._finished[fragment.html] = finish(fragment)
        return block

    def _replace(self, first: int, blocks: list[str]) -> Changes | None:
        old = self._blocks[first:]
        same = next((at for at, (one, other) in enumerate(zip(old, blocks, strict=False)) if one != other), None)
        if same is None:
            same = min(len(old), len(blocks))
            if len(old) == len(blocks):
                return None
        self._blocks[first:] = blocks
        return Changes(first + same, blocks[same:])


def _parse(tail: Tail) -> list[Fragment]:
    return [fragment for fragment in parse_open(tail.source) if not (tail.opening and fragment.is_empty_code)]


def _make(make_one: Finish, fragments: list[Fragment], tail: Tail) -> list[str]:
    """Make the blocks; the first of a tail with an opening goes on with what an earlier block began, and says so."""
    blocks = [make_one(fragment) for fragment in fragments]
    if tail.opening and blocks:
        blocks[0] = blocks[0].replace('class="code"', 'class="code continued"', 1)
    return blocks
