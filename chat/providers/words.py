"""What a person reads when a provider failed: what happened and what to do next, never in the vendor's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chat.providers.base import Failure

SENTENCES = {
    Failure.BUSY: _(
        "The model has more to do than it can take on right now. Try again in a minute, or pick another model."
    ),
    Failure.UNAVAILABLE: _(
        "The model cannot be reached at the moment. Try again in a few minutes, or pick another model."
    ),
    Failure.TIMEOUT: _("The model took too long to answer. Try again, or pick another model."),
    Failure.BROKEN: _("The connection to the model broke off in the middle of the answer. Ask for the answer again."),
    Failure.REJECTED: _("The model did not accept this request. Change the message or start a new conversation."),
    Failure.TOO_LARGE: _(
        "This is more than the model can read at once. Shorten the message or start a new conversation."
    ),
    Failure.FILTERED: _("The model's provider refused this message before the model saw it. Say it in another way."),
    Failure.MODEL_GONE: _("This model is no longer offered by its provider. Pick another model; we have been told."),
    Failure.HOUSE: _("This model is out of service on our side, not yours. Pick another model; we have been told."),
    Failure.NOT_CONFIGURED: _("This model is not set up here. Pick another model."),
}


def sentence(kind: Failure) -> str:
    """Give the sentence in the language of the moment."""
    return str(SENTENCES[kind])
