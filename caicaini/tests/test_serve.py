"""The quick way out of daphne: its frames are what a client's library reads, at every size where the head changes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools.places import ROOT

# In a process of its own, because importing it chooses the event loop.
CODE = """
import sys
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader
from caicaini.serve import framed
for is_binary in (False, True):
    data = b"x" * int(sys.argv[1])
    reader = StreamReader()
    reader.feed_data(framed(data, is_binary=is_binary))
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=False)
    try:
        while True:
            next(parsing)
    except StopIteration as end:
        frame = end.value
    assert (frame.fin, frame.opcode, frame.data) == (True, Opcode.BINARY if is_binary else Opcode.TEXT, data)
"""


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 1_000_000])
def test_a_frame_is_read_as_it_was_written(size: int) -> None:
    subprocess.run([sys.executable, "-c", CODE, str(size)], cwd=ROOT, check=True, timeout=60)
