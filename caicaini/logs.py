"""Logs that cannot leak: a constant event name and keys from an allow-list; anything else is dropped, not masked.

Foreign records (Django, Celery, SDKs) are written as the place in the code that logged them, because what they say may
hold text, addresses or tokens; exceptions as their type and the places they passed, because their messages may quote a
prompt.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any, TextIO
from uuid import UUID

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "exception",
        "account",
        "code",
        "conversation",
        "count",
        "duration_ms",
        "end",
        "job",
        "kind",
        "key_id",
        "mail",
        "message_id",
        "model",
        "place",
        "provider",
        "run",
        "slot",
        "status",
        "user",
    }
)

EVENT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")  # a constant name; a sentence is none
CODE = re.compile(r"[A-Za-z0-9_.:/+-]{1,128}")  # ids, times, places in the code: no space, no @, only ASCII

Event = MutableMapping[str, Any]


def keep_allowed_keys(_logger: object, _method: str, event: Event) -> Event:
    """Drop every key that is not on the allow-list, and values that are not plain ids, numbers or codes."""
    kept = {key: value for key, value in event.items() if key in ALLOWED_KEYS and _is_plain(key, value)}
    return {"event": "log.nameless", **kept}


def _is_plain(key: str, value: object) -> bool:
    if key == "exception" or value is None or isinstance(value, int | float | UUID):
        return True
    if not isinstance(value, str):
        return False
    return bool(EVENT.fullmatch(value)) if key == "event" else bool(CODE.fullmatch(value)) and not _is_address(value)


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def without_values(_logger: object, _method: str, event: Event) -> Event:
    """Replace an exception by its type and the places it passed, never its message or its locals."""
    event.pop("exception", None)  # only what is made here may stand there
    info = event.pop("exc_info", None)
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    elif info and not isinstance(info, tuple):
        info = sys.exc_info()
    if info and info[0]:
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(info[2])]
        event["exception"] = f"{info[0].__module__}.{info[0].__qualname__} at " + " < ".join(reversed(places))
    return event


def place_only(_logger: object, _method: str, event: Event) -> Event:
    """For records of other libraries: say where in the code it was logged instead of what it said."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = "library.record"
        event["place"] = f"{record.module}:{record.lineno}"
        event["exc_info"] = record.exc_info
    return event


class QuietHandler(logging.StreamHandler[TextIO]):
    """Writes to standard error; of a record that cannot be written it says nothing: Python's own handler quotes it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        self.stream.write("level=error event=log.failed\n")


SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(level: str) -> dict[str, Any]:
    """Set up structlog and give the dictionary for `logging.config.dictConfig`, which is applied at once."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*SHARED, place_only],
                "use_get_message": False,  # what it would say is not wanted, and arguments that do not fit would raise
                "processors": [
                    without_values,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    keep_allowed_keys,
                    structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
                ],
            }
        },
        "handlers": {
            "stderr": {"()": QuietHandler, "formatter": "plain"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Access lines and 404 notices hold paths and addresses: nothing of them is wanted.
            "daphne": {"level": "WARNING"},
            "django.channels.server": {"level": "CRITICAL"},
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "anthropic": {"level": "WARNING"},
            "openai": {"level": "WARNING"},
        },
    }
    logging.config.dictConfig(config)
    return config
