"""The one family of errors that a person may read; everything else is a bug and is left to rise."""

from __future__ import annotations

from django.utils.functional import Promise

Message = str | Promise


class CaicainiError(Exception):
    """A refusal with a stable `code` for programs, an HTTP `status`, and a plain sentence for the person.

    The sentence never holds a vendor's words, a key, an address or anyone's text: it may be logged and shown.
    """

    code = "error"
    status = 400
    retry_after: int | None = None  # seconds, where waiting helps

    def __init__(
        self,
        message: Message,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code or self.code)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status
        if retry_after is not None:
            self.retry_after = retry_after

    def as_dict(self) -> dict[str, str | int]:
        """What both edges (HTTP and websocket) send: `{"code", "message"}`, and `retry_after` where waiting helps."""
        said: dict[str, str | int] = {"code": self.code, "message": str(self.message)}
        return said if self.retry_after is None else {**said, "retry_after": self.retry_after}
