"""What chat refuses, in words that say where the person stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

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


def too_many_runs(most: int) -> ChatError:
    message: Message = ngettext_lazy(
        "%(count)s reply of yours is being written, and more at once is not possible. Wait until it ends, or stop it.",
        "%(count)s replies of yours are being written, and more at once are not possible. "
        "Wait until one ends, or stop one.",
        "count",
    ) % {"count": most}
    return ChatError(message, code="too_many_runs", status=429)


def too_many_sends(most: int, seconds: int) -> ChatError:
    message: Message = _(
        "You have sent %(most)s messages within a minute, and that is the most. "
        "Your text is kept: send it again in %(seconds)s s."
    ) % {"most": most, "seconds": seconds}
    return ChatError(message, code="too_many_sends", status=429, retry_after=seconds)


def model_unavailable(seconds: int) -> ChatError:
    message: Message = _(
        "This model's provider is not answering at the moment. Nothing was sent and nothing billed. "
        "Try again in %(seconds)s s, or pick another model; your text is kept."
    ) % {"seconds": seconds}
    return ChatError(message, code="model_unavailable", status=503, retry_after=seconds)


def conversation_full() -> ChatError:
    return ChatError(
        _("This conversation is as long as one can be. Start a new one; your text is kept."),
        code="conversation_full",
        status=409,
    )
