"""Compiled once: what it gives is what the ORM gives, on either engine, in any thread."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factors import resets
from accounts.models import TokenFamily, User
from accounts.sign_ins import tokens
from billing.tests.threads import at_once
from caicaini.prepared import Prepared
from chat import seeds
from chat.models import CatalogueModel

BY_UUID = Prepared(
    TokenFamily,
    lambda rows, family, now: rows.select_related("user__open_factor_reset").filter(uuid=family, expires_at__gt=now),
    family="uuid",
    now="expires_at",
)
BY_SLUG = Prepared(CatalogueModel, lambda rows, slug: rows.filter(slug=slug, is_offered=True), slug="slug")
OLDEST = Prepared(User, lambda rows, user: rows.filter(pk__gte=user).order_by("-pk")[:1], user="id")


def values(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def family(ann: User) -> TokenFamily:
    return tokens.begin(ann, tokens.Kind.WEB, tokens.Device("Firefox", "Linux"), timezone.now())[0]


@pytest.mark.django_db
def test_the_row_and_its_related_rows_are_those_of_the_orm(family: TokenFamily, ann: User) -> None:
    for _both_without_and_with_a_reset in range(2):
        found = BY_UUID.first(family=family.uuid, now=timezone.now())
        wanted = TokenFamily.objects.select_related("user__open_factor_reset").get(pk=family.pk)
        assert found
        assert values(found) == values(wanted)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert values(found.user) == values(wanted.user)
            assert getattr(found.user, "open_factor_reset", None) == getattr(wanted.user, "open_factor_reset", None)
        assert not asked.captured_queries
        resets.request(ann, timezone.now())


@pytest.mark.django_db
def test_values_change_and_constants_stay(family: TokenFamily) -> None:
    now = timezone.now()
    assert BY_UUID.first(family=uuid.uuid4(), now=now) is None
    assert BY_UUID.first(family=family.uuid, now=now + timedelta(days=400)) is None
    assert BY_UUID.first(family=family.uuid, now=now) == family
    seeds.seed()
    for row in CatalogueModel.objects.filter(is_offered=True):
        found = BY_SLUG.first(slug=row.slug)
        assert found
        assert values(found) == values(row)  # JSON among them
    CatalogueModel.objects.update(is_offered=False)
    assert BY_SLUG.all(slug=CatalogueModel.objects.all()[0].slug) == []


@pytest.mark.django_db
def test_a_row_that_was_found_can_be_saved(ann: User, bob: User) -> None:
    found = OLDEST.first(user=ann.pk)
    assert found == max(ann, bob, key=lambda user: user.pk)
    found.username = "somebody"
    found.save(update_fields=["username"])
    assert User.objects.get(pk=found.pk).username == "somebody"


@pytest.mark.django_db
def test_one_statement_a_call(ann: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        for _call in range(3):
            OLDEST.first(user=ann.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "build",
    [
        lambda rows, low, high: rows.filter(pk__gte=low, pk__lte=high),  # two of a kind
        lambda rows, low, high: rows.filter(pk__gte=low),  # one that is not used
    ],
)
def test_what_cannot_be_kept_is_refused(build: Any) -> None:
    with pytest.raises(ValueError, match=r"\['high', 'low'\] cannot be told apart"):
        Prepared(User, build, low="id", high="id").all(low=1, high=2)


@pytest.mark.django_db(transaction=True)
def test_threads_share_it(ann: User) -> None:
    newest = User.objects.order_by("-pk")[0]
    assert at_once(6, lambda _number: OLDEST.first(user=ann.pk) == newest) == [True] * 6
