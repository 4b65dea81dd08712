"""Anthropic's stream: the few fields of its frames that matter here, and what a sequence of them means."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chat.providers import failures
from chat.providers.base import Event, Failure, FinishReason, ProviderError, Reasoning, Text, Usage

Count = Annotated[int, msgspec.Meta(ge=0)]  # a negative count would pay the customer

REASONS = {
    "end_turn": FinishReason.DONE,
    "stop_sequence": FinishReason.DONE,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "refusal": FinishReason.REFUSED,
}
THINKING_BLOCKS = {"thinking", "redacted_thinking"}


class Tokens(msgspec.Struct):
    """Cumulative counts; `message_delta` repeats only what it likes."""

    input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    output_tokens: Count | None = None

    def as_usage(self) -> Usage:
        """Give the counts; Anthropic's input excludes both cache classes already."""
        return Usage(
            input=self.input_tokens,
            cached=self.cache_read_input_tokens,
            cache_write=self.cache_creation_input_tokens,
            output=self.output_tokens,
        )


class Message(msgspec.Struct):
    """The head of the answer."""

    usage: Tokens | None = None


class Part(msgspec.Struct):
    """A content block's start, a piece of one, or the message's last changes: told apart by the frame's type."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    stop_reason: str | None = None


class Frame(msgspec.Struct):
    """Any frame of the stream."""

    type: str = ""
    message: Message | None = None
    content_block: Part | None = None
    delta: Part | None = None
    usage: Tokens | None = None
    error: failures.VendorError | None = None


class PartType(msgspec.Struct):
    """The type of a piece."""

    type: str = ""


class FrameType(msgspec.Struct):
    """What is left of a frame that did not fit: enough to see whether it had to."""

    type: str = ""
    delta: PartType | None = None


_decode = msgspec.json.Decoder(Frame).decode
_decode_type = msgspec.json.Decoder(FrameType).decode

KNOWN_FRAMES = {"message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop", "error"}
NEW_PIECES = {"content_block_delta"}
KNOWN_PIECES = {"text_delta", "thinking_delta"}


class AnthropicAnswer:
    """Reads the frames of one answer."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.is_over = False

    @property
    def is_complete(self) -> bool:
        return self.is_over and self.reason is not None

    def read(self, name: str | None, data: bytes) -> tuple[Event, ...]:
        """Give the events of one frame; frames and pieces of unknown types are passed over, as the vendor asks."""
        frame = None if name == "ping" else _known(data)
        if frame is None:
            return ()
        if frame.type == "content_block_delta":
            return _piece(frame.delta or Part())
        if frame.type == "content_block_start":
            return _block(frame.content_block or Part())
        return self._read_head_or_end(frame)

    def _read_head_or_end(self, frame: Frame) -> tuple[Event, ...]:
        match frame.type:
            case "message_start":
                return _usage(frame.message.usage if frame.message else None)
            case "message_delta":
                if frame.delta and frame.delta.stop_reason:
                    # Reasons that are not in the table end an answer too: tools, pauses, and what is yet to come.
                    self.reason = REASONS.get(frame.delta.stop_reason, FinishReason.DONE)
                return _usage(frame.usage)
            case "message_stop":
                self.is_over = True
            case "error":
                raise failures.of_frame(frame.error or failures.VendorError())
        return ()


def _known(data: bytes) -> Frame | None:
    try:
        return _decode(data)
    except msgspec.ValidationError:
        head = _decode_type(data)
    piece = head.delta.type if head.delta else ""
    if head.type not in KNOWN_FRAMES or (head.type in NEW_PIECES and piece not in KNOWN_PIECES):
        return None
    raise ProviderError(Failure.BROKEN)


def _piece(part: Part) -> tuple[Event, ...]:
    if part.type == "text_delta" and part.text:
        return (Text(part.text),)
    if part.type == "thinking_delta" and part.thinking:
        return (Reasoning(part.thinking),)
    return ()


def _block(part: Part) -> tuple[Event, ...]:
    if part.type in THINKING_BLOCKS:
        return (Reasoning(part.thinking or ""),)  # often all there is: newer models think without showing it
    return (Text(part.text),) if part.type == "text" and part.text else ()


def _usage(tokens: Tokens | None) -> tuple[Event, ...]:
    return (tokens.as_usage(),) if tokens else ()
