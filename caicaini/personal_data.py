"""The words in which every app declares what it holds about people, and the register that gathers the declarations.

Each app has a `data_map.py` with a `DATA_MAP` tuple of the declarations below. The checks in `caicaini.checks` fail on
any model or column that is not declared, third-party tables included; the purge order, the export, the record of
processing and the policy's tables are generated from the same register.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps


class Purpose(StrEnum):
    """Why a value is kept or a thing is done; the gate `accounts.standing.require` is asked for one of these."""

    CHAT = "chat"
    BILLING = "billing"
    ACCOUNT = "account"
    ABUSE = "abuse"
    SECURITY = "security"
    SUPPORT = "support"
    LEGAL = "legal"
    OPERATIONS = "operations"


class Category(StrEnum):
    """What kind of value a column holds."""

    TECHNICAL = "technical"
    IDENTITY = "identity"
    CREDENTIAL = "credential"
    CONTENT = "content"
    USAGE = "usage"
    PAYMENT = "payment"
    SETTING = "setting"
    SECURITY = "security"
    STAFF = "staff"


class Erasure(StrEnum):
    """What happens to a value when its person is erased."""

    DELETE = "delete"  # the row goes
    OVERWRITE = "overwrite"  # replaced by a random or default value
    BLANK = "blank"  # set to NULL
    KEEP = "keep"  # stays, with a reason


class Retention(StrEnum):
    """How long a row lives; each is one number, enforced by a job or by `retain_until` on the row."""

    ACCOUNT = "while the account exists, then 30 days at most"
    CONVERSATION = "until its owner deletes it: hidden at once, gone within 24 hours"
    LEDGER = "7 years after the entry"
    SESSION = "until signed out, 14 days without use or 90 days at most; then 30 days as a record"
    SIGNUP = "90 days after signing up, its key with it"
    JOBS = "30 days"
    ADDRESS_CHANGE = "4 days after it was asked for"
    ABUSE_SIGNAL = "90 days after it was noticed"
    ABUSE_CASE = "a year after it was decided, and while a sanction of it is in force"
    SANCTION = "a year after it ended"
    MAIL = "address and content until it is sent, the rest 30 days"
    AUDIT = "3 years"
    KEY = "destroyed with what it encrypts; unused ones after a day"
    FOREVER = "not personal: kept"


@dataclass(frozen=True, slots=True)
class Column:
    """The declaration of one column."""

    category: Category
    erase: Erasure = Erasure.DELETE
    export: bool = False
    encrypted: bool = False
    why: str = ""


def technical(*, erase: Erasure = Erasure.DELETE, why: str = "") -> Column:
    """A key, a pointer or a time that says nothing about a person by itself."""
    return Column(Category.TECHNICAL, erase=erase, why=why)


def content() -> Column:
    """What a person or a model wrote: encrypted, exported, deleted."""
    return Column(Category.CONTENT, export=True, encrypted=True)


def usage(*, erase: Erasure = Erasure.DELETE, why: str = "") -> Column:
    """Metering of a person's use."""
    return Column(Category.USAGE, erase=erase, export=True, why=why)


def kept(category: Category, why: str, *, export: bool = True) -> Column:
    """A value that outlives the person, with the reason."""
    return Column(category, erase=Erasure.KEEP, export=export, why=why)


@dataclass(frozen=True, slots=True)
class Table:
    """The declaration of one model.

    `subject` is the ORM path to the user; "" means that the row is the user; None means nobody, and then `why` says so.
    `public_id` names the unique uuid by which everything outside the database calls a personal root.
    """

    model: str
    subject: str | None
    purpose: Purpose
    retention: Retention
    columns: Mapping[str, Column]
    why: str = ""
    erase_with: str = ""
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """A family of keys in Redis or the process's cache."""

    pattern: str
    category: Category
    ttl_seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key that may stand in a log line."""

    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class OutboundHost:
    """Somebody outside that this service talks to; `setting` names where the address is configured."""

    name: str
    setting: str
    receives: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class BrowserValue:
    """A cookie, or a key of the browser's own storage, that our pages set in the person's browser."""

    name: str
    place: str  # cookie, localStorage, sessionStorage
    category: Category
    lasts: str
    why: str


Declaration = Table | CacheKey | LogKey | OutboundHost | BrowserValue


@dataclass(frozen=True, slots=True)
class Register:
    """Every declaration of every installed app."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    cache_keys: tuple[CacheKey, ...] = ()
    log_keys: tuple[LogKey, ...] = ()
    hosts: tuple[OutboundHost, ...] = ()
    browser_values: tuple[BrowserValue, ...] = ()
    duplicates: tuple[str, ...] = ()


def declarations() -> Iterator[Declaration]:
    """Read the `DATA_MAP` of each installed app that has a `data_map` module."""
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.data_map"):
            yield from import_module(f"{config.name}.data_map").DATA_MAP


def register() -> Register:
    """Gather all declarations; takes about a millisecond."""
    tables: dict[str, Table] = {}
    duplicates: list[str] = []
    others: list[Declaration] = []
    for declaration in declarations():
        if not isinstance(declaration, Table):
            others.append(declaration)
        elif declaration.model in tables:
            duplicates.append(declaration.model)
        else:
            tables[declaration.model] = declaration
    return Register(
        tables,
        tuple(item for item in others if isinstance(item, CacheKey)),
        tuple(item for item in others if isinstance(item, LogKey)),
        tuple(item for item in others if isinstance(item, OutboundHost)),
        tuple(item for item in others if isinstance(item, BrowserValue)),
        tuple(duplicates),
    )
