"""The pages that belong to no room."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from billing import seeds as price_seeds
from chat import seeds as model_seeds
from chat.failure_policy import TABLE
from conftest import SignIn

pytestmark = pytest.mark.django_db


def test_the_landing_page_invites_strangers_to_sign_in_and_people_to_the_chat(ann: User, sign_in: SignIn) -> None:
    stranger, person = Client().get("/").content.decode(), sign_in(ann).get("/").content.decode()
    assert 'href="/account/login/"' in stranger
    assert 'href="/chat/"' not in stranger
    assert 'href="/chat/"' in person


def test_the_landing_page_names_what_models_cost(django_assert_max_num_queries: Any) -> None:
    model_seeds.seed()
    price_seeds.seed(timezone.now())
    with django_assert_max_num_queries(2):
        page = Client().get("/").content.decode()
    assert "Demo (no AI)" in page


def test_the_landing_page_stands_without_any_model() -> None:
    assert "No model is on offer" in Client().get("/").content.decode()


def test_what_is_billed_when_is_printed_in_full_for_everybody(
    ann: User, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0), django_assert_num_queries(0, using="vault"):
        page = Client().get("/failure-policy/").content.decode()
    for row in TABLE:
        assert f'id="{row.code}"' in page
        assert all(escape(str(words)) in page for words in (row.happened, row.billed, row.why, row.estimate))
    assert 'href="/account/login/"' in page
    assert 'href="/chat/"' in sign_in(ann).get("/failure-policy/").content.decode()


def test_the_landing_page_leads_to_what_is_billed_when() -> None:
    assert 'href="/failure-policy/"' in Client().get("/").content.decode()


def test_the_sign_of_life_touches_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), django_assert_num_queries(0, using="vault"):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not answer.cookies


@pytest.mark.parametrize("page", ["/", "/failure-policy/", "/healthz"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_they_are_there_to_read_only(page: str, method: str) -> None:
    assert getattr(Client(), method)(page).status_code == 405
