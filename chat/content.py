"""The words of a conversation: sealed and opened with its key, each bound to its row and field."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from caicaini import crypto

Stored = bytes | memoryview  # what drivers give for a binary column
TITLE, BODY, REASONING = "title", "body", "reasoning"


@dataclass(frozen=True, slots=True, repr=False)
class ContentKey:
    """A conversation's key in memory, for one request or one run; has no repr, so that it reaches no traceback."""

    conversation: UUID
    secret: bytes

    def seal(self, row: UUID, field: str, text: str) -> bytes:
        return crypto.seal_text(self.secret, text, crypto.place(self.conversation, row, field))

    def unseal(self, row: UUID, field: str, sealed: Stored) -> str:
        """Decrypt one field; raises crypto.UnreadableError."""
        return crypto.unseal_text(self.secret, bytes(sealed), crypto.place(self.conversation, row, field))

    def seal_title(self, text: str) -> bytes:
        return self.seal(self.conversation, TITLE, text)

    def unseal_title(self, sealed: Stored) -> str:
        return self.unseal(self.conversation, TITLE, sealed)
