"""The known findings of Django's checks are left out for their models alone."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import checks
from django.db import connection, models
from django.test.utils import isolate_apps

from accounts.models import User

pytestmark = pytest.mark.django_db


def found_on(model: type[models.Model]) -> list[str]:
    return [str(message.id) for message in model.check(databases=["default", "vault"])]


def test_no_model_has_anything_to_complain_of_on_this_engine() -> None:
    assert checks.run_checks(tags=[checks.Tags.models, checks.Tags.database], databases=["default", "vault"]) == []
    assert found_on(EmailAddress) == found_on(User) == []


@isolate_apps("accounts")
def test_the_same_on_another_model_is_told() -> None:
    class Conditional(models.Model):
        name = models.CharField(max_length=300, unique=True)

        class Meta:
            app_label = "accounts"
            constraints = [models.UniqueConstraint(fields=["name"], condition=models.Q(name="x"), name="only_x")]

    is_maria = connection.vendor == "mysql"
    assert found_on(Conditional) == (["mysql.W003", "models.W036"] if is_maria else [])
