"""The websocket's frames: strict parsing of what comes in, plain encoding of what goes out (see docs/protocol.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from chat.errors import BadFrame

VERSION = 1
LARGEST_FRAME = 1024 * 1024  # bytes; 100,000 characters of any script fit

Id = Annotated[str, msgspec.Meta(max_length=64)]
Slug = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Format = Literal["html", "text"]
NaturalNumber = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What every frame from a client has."""

    v: int
    id: Id = ""


class Send(Frame, frozen=True, tag="send", kw_only=True):
    request_id: UUID
    conversation: UUID | None
    model: Slug
    text: str
    format: Format = "text"


class Follow(Frame, frozen=True, tag="follow", kw_only=True):
    run: UUID
    after: NaturalNumber = 0
    format: Format = "text"


class Unfollow(Frame, frozen=True, tag="unfollow", kw_only=True):
    run: UUID


class Stop(Frame, frozen=True, tag="stop", kw_only=True):
    run: UUID


class Ack(Frame, frozen=True, tag="ack", kw_only=True):
    run: UUID
    seq: NaturalNumber


class Quote(Frame, frozen=True, tag="quote", kw_only=True):
    conversation: UUID | None
    model: Slug
    characters: NaturalNumber


class Ping(Frame, frozen=True, tag="ping", kw_only=True):
    pass


AnyFrame = Send | Follow | Unfollow | Ack | Stop | Quote | Ping


class _Head(msgspec.Struct):
    """What is read of a frame that could not be understood, to answer it."""

    v: Any = None
    id: Any = ""


_decoder = msgspec.json.Decoder(AnyFrame)
_heads = msgspec.json.Decoder(_Head)


def _plain(value: object) -> str:
    """Encode Django's kinds of text: safe strings and lazy translations."""
    return str.__str__(str(value))


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def parse(text: str) -> AnyFrame:
    """Read one frame; raises BadFrame, which never quotes what came in."""
    try:
        frame: AnyFrame = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise _refusal(head(text).v) from None
    if frame.v != VERSION:
        raise _refusal(frame.v)
    return frame


def _refusal(version: object) -> BadFrame:
    if type(version) is int and version != VERSION:
        return BadFrame(_("This page is out of date. Reload it."), code="unsupported_version")
    return BadFrame(_("The server did not understand that frame."))


def head(text: str) -> _Head:
    """Read the version and the id of a frame that may be broken."""
    try:
        found = _heads.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _Head()
    if not isinstance(found.id, str) or len(found.id) > 64:
        found.id = ""
    return found


def encode(frame_type: str, fields: dict[str, Any]) -> bytes:
    """Write one frame as UTF-8."""
    return _encoder.encode({"v": VERSION, "type": frame_type, **fields})
