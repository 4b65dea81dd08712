"""Which kind of failure a vendor means: by error code, type, HTTP status and, where nothing else tells, message."""

from __future__ import annotations

import re

from chat.providers.base import Failure

BY_CODE = {
    "context_length_exceeded": Failure.TOO_LARGE,
    "image_dimensions_too_large": Failure.TOO_LARGE,
    "ramp_limit_exceeded": Failure.BUSY,
    "enforced_spend_limit_reached": Failure.HOUSE,
    "contract_spend_limit_reached": Failure.HOUSE,
    "linked_organization_spend_limit_reached": Failure.HOUSE,
    "linked_organization_billing_unavailable": Failure.HOUSE,
    "organization_on_hold": Failure.HOUSE,
    "insufficient_quota": Failure.HOUSE,
    "model_not_found": Failure.MODEL_GONE,
}

BY_TYPE = {
    # Anthropic
    "authentication_error": Failure.HOUSE,
    "billing_error": Failure.HOUSE,
    "permission_error": Failure.HOUSE,
    "not_found_error": Failure.MODEL_GONE,
    "request_too_large": Failure.TOO_LARGE,
    "rate_limit_error": Failure.BUSY,
    "overloaded_error": Failure.BUSY,
    "timeout_error": Failure.TIMEOUT,
    # Moonshot
    "content_filter": Failure.FILTERED,
    "invalid_authentication_error": Failure.HOUSE,
    "incorrect_api_key_error": Failure.HOUSE,
    "permission_denied_error": Failure.HOUSE,
    "exceeded_current_quota_error": Failure.HOUSE,  # arrives as 429 and as 403
    "resource_not_found_error": Failure.MODEL_GONE,
    "engine_overloaded_error": Failure.BUSY,
    "rate_limit_reached_error": Failure.BUSY,
}

BY_STATUS = {
    401: Failure.HOUSE,
    402: Failure.HOUSE,
    403: Failure.HOUSE,
    404: Failure.MODEL_GONE,
    408: Failure.TIMEOUT,
    409: Failure.UNAVAILABLE,
    413: Failure.TOO_LARGE,
    429: Failure.BUSY,
    499: Failure.UNAVAILABLE,
    504: Failure.TIMEOUT,
    529: Failure.BUSY,
}
# A redirect means that the address is not the API's; it is never followed, so an operator must correct it.
BY_HUNDREDS = {3: Failure.NOT_CONFIGURED, 4: Failure.REJECTED, 5: Failure.UNAVAILABLE}

# Read only for these kinds, and only near the start of a message, which may go on to quote the prompt.
SAID_IN_MESSAGE = frozenset({Failure.REJECTED, Failure.BUSY})
BY_MESSAGE = (
    # Anthropic, 400 invalid_request_error: the limit that our organisation set for itself, and the prepaid balance.
    (re.compile(r"you have reached your specified api usage limits|your credit balance is too low"), Failure.HOUSE),
    # Moonshot, tokens a day: not BUSY, because for hours no new try can help, and only an operator can raise the tier.
    (re.compile(r".{0,200}\btpd\b"), Failure.HOUSE),
    (re.compile(r"prompt is too long|.{0,60}image exceeds"), Failure.TOO_LARGE),
    (
        re.compile(r".{0,80}(exceeded model token limit|maximum context length|context (length|window|size))"),
        Failure.TOO_LARGE,
    ),
)
RETRY_IN_MESSAGE = re.compile(r"try again after (\d{1,6}(?:\.\d{1,3})?) second")  # Moonshot, instead of a header
