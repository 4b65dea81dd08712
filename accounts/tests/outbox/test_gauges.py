"""What the metrics show of the mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import OutboxMail
from accounts.outbox import gauges, sending
from accounts.tests.outbox.mails import ANN, BOB, NOW, State, posted
from accounts.tests.outbox.standin import MailServer
from caicaini import metrics

pytestmark = pytest.mark.django_db
WAITING, DUE = "caicaini_mails_waiting", "caicaini_mail_oldest_due_seconds"
OLDEST, DEAD = "caicaini_mail_oldest_waiting_seconds", "caicaini_mails_dead"


def shown(after: timedelta = timedelta()) -> dict[str, float]:
    return {sample.name: sample.value for metric in gauges.mails(NOW + after) for sample in metric.samples}


def test_without_mails_all_is_nought() -> None:
    assert shown() == {WAITING: 0, DUE: 0, OLDEST: 0, DEAD: 0}


def test_what_waits_what_is_late_and_what_was_given_up(server: MailServer) -> None:
    server.meets(ANN, "450")
    server.meets(BOB, "550")
    for address in (ANN, BOB, "cat@example.test"):
        posted(address)
    assert shown(timedelta(minutes=3)) == {WAITING: 3, DUE: 180, OLDEST: 180, DEAD: 0}
    sending.send_due(NOW)  # the first is due again in a minute
    assert shown(timedelta(seconds=30)) == {WAITING: 1, DUE: 0, OLDEST: 30, DEAD: 1}
    assert shown(timedelta(minutes=3)) == {WAITING: 1, DUE: 120, OLDEST: 180, DEAD: 1}
    OutboxMail.objects.update(state=State.SENT)
    assert shown(timedelta(minutes=3)) == {WAITING: 0, DUE: 0, OLDEST: 0, DEAD: 0}


def test_it_takes_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        shown()


def test_they_are_read_at_every_scrape() -> None:
    assert {WAITING, DUE, OLDEST, DEAD} <= {metric.name for metric in metrics.readings()}
