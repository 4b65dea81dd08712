"""Operators see ids, counts and states; nobody's words stand on any page of the console."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from chat import conversations
from conftest import SignIn
from privacy import purge
from privacy.tests.factories import offer_models, talk

pytestmark = pytest.mark.django_db
WORDS = "Kanarienvogel"


def test_no_page_of_the_console_shows_a_word_of_anybody(ann: User, sam: User, sign_in: SignIn) -> None:
    now = timezone.now()
    offer_models(now)
    shown = talk(ann, now, f"{WORDS}?", f"{WORDS}!")
    conversations.hide(ann, talk(ann, now, f"{WORDS}?", f"{WORDS}!").uuid, now)
    purge.purge_hidden(now + conversations.UNDO_FOR)
    client = sign_in(sam)
    pages = 0
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses = [reverse(f"{name}_changelist")]
        addresses += [reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.all()[:3]]
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            text = answer.content.decode()
            assert WORDS not in text
            assert "b&#x27;" not in text  # no ciphertext either
            pages += 1
    assert pages > 12
    assert str(shown.uuid) in client.get(reverse("admin:chat_conversation_changelist")).content.decode()
    assert (
        "ann@example.test"
        not in client.get(reverse("admin:chat_conversation_change", args=[shown.pk])).content.decode()
    )
