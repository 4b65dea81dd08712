"""The line under a reply: what it cost, by which rule, and what can be done now."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from billing import seeds as price_seeds
from billing.tokens import Tokens
from chat import endings, presenting, turns
from chat import seeds as model_seeds
from chat.endings import Outcome
from chat.failure_policy import RULES, Ruling
from chat.history import Line
from chat.models import Run
from chat.turns import Draft

pytestmark = pytest.mark.django_db
SOURCES = {"estimated": "estimated in your favour", "provider": "counted by the provider", "none": "not counted"}


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    model_seeds.seed()
    price_seeds.seed(timezone.now())


def foot(ann: User, rule: str, text: str, source: str = "estimated") -> str:
    """Give the line under a reply that ended by this rule."""
    now = timezone.now()
    sent = turns.send(ann, Draft(uuid4(), None, "demo", "Name three rivers."), now)
    assert sent.order
    outcome = Outcome(Ruling(RULES[rule], Tokens(output=3), source), text, "", "", None, 900, 3)
    run = endings.end_run(sent.run.uuid, sent.order.key, outcome, now + timedelta(seconds=1))
    assert run
    return presenting.foot_html(Line(run.reply, text, "", Run.objects.get(pk=run.pk)))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("source", SOURCES)
def test_a_receipt_names_its_rule_and_whether_it_is_an_estimate(ann: User, rule: str, source: str) -> None:
    html = foot(ann, rule, "Seine", source)
    assert str(RULES[rule].text) in html
    assert SOURCES[source] in html
    assert f'href="/failure-policy/#{rule}"' in html


def test_an_interrupted_reply_that_kept_text_can_be_continued_or_tried_again(ann: User) -> None:
    html = foot(ann, "interrupted", "Seine, Nile, ")
    assert "What had arrived is kept." in html
    assert 'data-action="continue" data-text="Continue."' in html
    assert 'data-action="retry"' in html


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_interrupted_reply_without_text_can_only_be_tried_again(ann: User, text: str) -> None:
    html = foot(ann, "interrupted_early", text)
    assert "before any of it was kept" in html
    assert 'data-action="continue"' not in html
    assert 'data-action="retry"' in html
