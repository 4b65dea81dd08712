"""What chat refuses, in words that say where the person stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from caicaini.errors import CaicainiError, Message


class ChatError(CaicainiError):
    """A send, follow or stop that cannot be done; nothing was written and nothing billed."""


class NotFound(ChatError):
    """It does not exist, or it is somebody else's: the two must look the same."""

    status = 404


class BadFrame(ChatError):
    """A frame that the protocol does not know."""

    code = "bad_frame"


class Restarting(ChatError):
    """The process ends: the same send, over another connection, is taken by another one."""

    code = "restarting"
    status = 503


def restarting() -> Restarting:
    return Restarting(_("This server restarts. Send the same message again in a moment."))


def conversation_not_found() -> NotFound:
    return NotFound(_("This conversation does not exist, or it was deleted."), code="conversation_not_found")


def run_not_found() -> NotFound:
    return NotFound(_("This reply does not exist, or it was deleted."), code="run_not_found")


def model_not_offered() -> ChatError:
    return ChatError(
        _("This model is not on offer now. Pick another one; your text is kept."), code="model_not_offered"
    )


def provider_not_configured() -> ChatError:
    return ChatError(
        _("This model's provider is not set up on this service. Pick another model; your text is kept."),
        code="provider_not_configured",
    )


def text_empty() -> ChatError:
    return ChatError(_("There is nothing to send yet."), code="text_empty")


def text_too_long(longest: int) -> ChatError:
    message: Message = _("This text is too long: at most %(longest)s characters can be sent at once.") % {
        "longest": f"{longest:,}"
    }
    return ChatError(message, code="text_too_long", status=413)


def context_too_long() -> ChatError:
    return ChatError(
        _("This text does not fit the model's window. Shorten it or pick a model with a larger one."),
        code="context_too_long",
        status=413,
    )


def reply_running() -> ChatError:
    return ChatError(
        _("The last reply here is still being written. Stop it, or wait until it ends."),
        code="reply_running",
        status=409,
    )
