"""Does in the site's own database what tests ask for: a process that reads a command a line and answers each.

`manage.py shell` starts it with the site's environment, so that no test process ever opens the site's database.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from accounts import testing
from accounts.abuse import cases
from accounts.models import OutboxMail, User
from accounts.outbox import sealing
from billing import proof
from billing.accounts import account_of, balance, grant
from billing.rates import CREDIT
from caicaini import vault
from chat.content import ContentKey
from chat.conversations import key_of
from chat.history import open_line
from chat.models import Conversation, Run
from chat.tests.browser.hunting import hides
from chat.tests.browser.redis_values import values_in_redis

Fields = dict[str, Any]


def person(name: str, password: str, credit: int, is_operator: bool = False) -> Fields:
    """Make an account and sign it in; gives the browser's cookies by name."""
    rights = {"is_staff": is_operator, "is_superuser": is_operator}
    user = User.objects.create_user(name, f"{name}@example.test", password, **rights)
    if credit:
        grant(account_of(user), credit * CREDIT, "demo", timezone.now())
    return dict(testing.sign_in(user))


def credit(name: str, credit: int) -> None:
    """Give credits to somebody who signed up by the form."""
    grant(account_of(User.objects.get(username=name)), credit * CREDIT, "demo", timezone.now())


def conversations(name: str, days: list[int]) -> list[str]:
    """Make a conversation for each number, last active so many days ago; gives their titles."""
    user = User.objects.get(username=name)
    return [
        _conversation(user, f"Talk {place} of {days_ago} days ago", days_ago, place)
        for place, days_ago in enumerate(days)
    ]


def _conversation(user: User, title: str, days_ago: int, place: int) -> str:
    moment = timezone.now() - timedelta(days=days_ago, seconds=place)
    row = Conversation(uuid=uuid4(), owner=user, model="demo", created_at=moment, active_at=moment)
    key = ContentKey(row.uuid, vault.create(row.uuid, moment))
    row.title = cast(memoryview, key.seal_title(title))
    row.save(force_insert=True)
    return title


def runs(name: str) -> list[Fields]:
    """Give a person's runs, oldest first, with the stored texts."""
    rows = Run.objects.filter(user__username=name).select_related("reply", "message", "conversation").order_by("id")
    return [_run(row) for row in rows]


def _run(row: Run) -> Fields:
    key = key_of(row.conversation)
    return {
        "conversation": str(row.conversation.uuid),
        "question": open_line(row.message, None, key).text,
        "text": open_line(row.reply, row, key).text,
        "state": row.state,
        "end": row.end,
        "rule": row.rule,
        "source": row.usage_source,
        "error": row.error_code,
        "cost": row.cost,
    }


def money(name: str) -> Fields:
    """Give a person's balance in micro-credits."""
    held = balance(User.objects.get(username=name))
    return {"available": held.available, "held": held.held}


def letters(address: str) -> list[Fields]:
    """Open what was posted to an address, oldest first: this house has no worker that would send it."""
    opened = [(mail.kind, *sealing.open_up(mail)) for mail in OutboxMail.objects.order_by("pk") if mail.address]
    return [{**context, "kind": kind} for kind, to, context in opened if to == address]


def limit(name: str, decision: str) -> None:
    """Let an operator decide about somebody: for two days, with a note."""
    now = timezone.now()
    operator = User.objects.create_user(f"operator-of-{name}", f"operator-of-{name}@example.test", is_staff=True)
    case = cases.open_by_hand(User.objects.get(username=name), operator, now)
    end = now + timedelta(days=2)
    cases.decide(case, decision, operator, now, reason="automated_use", expires_at=end, note="Even pauses all night.")


def differences() -> int:
    """Count the accounts whose books do not agree."""
    return len(list(proof.differences()))


def hunt(needles: list[str]) -> list[str]:
    """Look through every value of every table of both databases, and of Redis, for texts in clear."""
    found = [place for alias in settings.DATABASES for place in _hunt_in(alias, needles)]
    values = values_in_redis(settings.REDIS_URL) if settings.REDIS_URL else {}
    return found + [f"redis {name}" for name, value in values.items() if hides(value, needles)]


def _hunt_in(alias: str, needles: list[str]) -> list[str]:
    connection = connections[alias]
    places = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            values = (value for row in cursor.fetchall() for value in row)
            places += [f"{alias}.{table}" for value in values if hides(_bytes(value), needles)]
    return places


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


COMMANDS: dict[str, Callable[..., Any]] = {
    command.__name__: command
    for command in (person, credit, conversations, runs, money, letters, limit, differences, hunt)
}


def serve(commands: Mapping[str, Callable[..., Any]] = COMMANDS) -> None:
    """Answer until there is no more to read; the connections do not outlive a command, for servers are restarted."""
    for line in sys.stdin:
        name, fields = json.loads(line)
        sys.stdout.write(f"{json.dumps(commands[name](**fields))}\n")
        sys.stdout.flush()
        close_old_connections()
