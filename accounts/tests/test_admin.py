"""People in the operators' console: who gets in, what can be changed, and that each change is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.models import TokenFamily, User
from caicaini import audit, slots
from caicaini.models import AuditEvent
from caicaini.tasks import forget_old_slots
from conftest import SignIn

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"
PAGES = ["/admin/", LIST, "/admin/caicaini/jobslot/", "/admin/caicaini/auditevent/"]


def form_of(user: User, **changes: object) -> dict[str, object]:
    return {"is_active": "on", **({"is_staff": "on"} if user.is_staff else {}), **changes}


def change(client: Client, user: User, **changes: object) -> Any:
    form = {name: value for name, value in form_of(user, **changes).items() if value is not None}
    return client.post(f"{LIST}{user.pk}/change/", form)


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_gets_in(page: str, sam: User, sign_in: SignIn) -> None:
    assert sign_in(sam).get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_one_sign_in_page(page: str) -> None:
    client = Client()
    answer = client.get(page, follow=True)
    assert answer.redirect_chain[-1] == (f"/account/login/?next={page.replace('/', '%2F')}", 302)
    assert answer.context["redirect_field_value"] == page


@pytest.mark.parametrize("page", PAGES)
def test_a_customer_is_refused(page: str, ann: User, sign_in: SignIn) -> None:
    assert sign_in(ann).get(page, follow=True).status_code == 403


def test_the_console_has_no_second_door(ann: User, sam: User, sign_in: SignIn) -> None:
    """Django's own form would count no attempts: posting to it signs nobody in."""
    client = Client()
    answer = client.post("/admin/login/", {"username": "sam", "password": "sam-pass-word", "next": "/admin/"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/?")
    assert "_auth_user_id" not in client.session
    assert sign_in(sam).get("/admin/login/?next=//elsewhere.example/").headers["Location"] == "/admin/"
    assert sign_in(ann).get("/admin/login/").status_code == 403


def test_an_operator_who_was_switched_off_is_out(sam: User, sign_in: SignIn) -> None:
    client = sign_in(sam)
    User.objects.filter(pk=sam.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_lists_cost_the_same_however_many_rows(sam: User, sign_in: SignIn, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        person = User.objects.create_user(f"person-{number}", f"person-{number}@example.test")
        audit.record("test.done", now=timezone.now(), actor=sam.uuid, subject_type="x", subject=str(person.uuid))
    client = sign_in(sam)
    for page in PAGES:
        with django_assert_max_num_queries(8):
            assert client.get(page).status_code == 200


def test_people_are_found_by_any_writing_of_name_address_or_id(
    ann: User, bob: User, sam: User, sign_in: SignIn
) -> None:
    client = sign_in(sam)
    for query in ("ann", "ann@example.test", str(ann.uuid)):
        page = client.get(LIST, {"q": query}).content.decode()
        assert str(ann.uuid) in page
        assert str(bob.uuid) not in page


def test_no_password_hash_and_no_address_stands_in_the_list(ann: User, sam: User, sign_in: SignIn) -> None:
    page = sign_in(sam).get(LIST).content.decode()
    assert "ann@example.test" not in page
    assert "argon2" not in page
    assert "argon2" not in sign_in(sam).get(f"{LIST}{ann.pk}/change/").content.decode()


def test_switching_somebody_off_is_recorded_without_a_name(ann: User, sam: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    assert client.get("/chat/").status_code == 200
    assert change(sign_in(sam), ann, is_active=None).status_code == 302
    assert client.get("/chat/").status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("account.changed", sam.uuid, str(ann.uuid))
    assert event.facts == {"is_active": False, "is_staff": False, "changed": "is_active"}
    assert audit.first_break(AuditEvent.objects.order_by("sequence")) is None
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"User {ann.uuid}"
    assert "ann" not in entry.change_message


def test_giving_rights_is_recorded(ann: User, sam: User, sign_in: SignIn) -> None:
    group = Group.objects.create(name="support")
    change(sign_in(sam), ann, is_staff="on", groups=[group.pk])
    assert AuditEvent.objects.get().facts == {"is_active": True, "is_staff": True, "changed": "is_staff,groups"}
    assert ann.groups.get() == group


def test_only_superusers_say_who_is_an_operator(ann: User, bob: User, sign_in: SignIn) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    ann.refresh_from_db()
    ann.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    everything = Group.objects.create(name="everything")
    client = sign_in(ann)
    for person in (ann, bob):
        change(client, person, is_staff="on", groups=[everything.pk])
        person.refresh_from_db()
        assert not person.groups.exists()
    assert not bob.is_staff


def test_whoever_is_switched_off_or_made_an_operator_is_signed_out(ann: User, sam: User, sign_in: SignIn) -> None:
    """Sockets hear of it, a sign-in made for months is no operator's, and none comes back with the account."""
    for changes in ({"is_active": None}, {"is_active": "on"}, {"is_staff": "on"}):
        sign_in(ann)
        change(sign_in(sam), ann, **changes)
        ann.refresh_from_db()
        assert not TokenFamily.objects.filter(user=ann, ended_at=None).exists()


@pytest.mark.parametrize("field", ["username", "email", "password", "is_superuser", "closing_at", "uuid"])
def test_what_the_form_does_not_offer_cannot_be_changed(field: str, ann: User, sam: User, sign_in: SignIn) -> None:
    before = User.objects.filter(pk=ann.pk).values().get()
    change(sign_in(sam), ann, **{field: "on"})
    assert User.objects.filter(pk=ann.pk).values().get() == before


def test_no_page_of_the_console_writes_an_address(ann: User, sam: User, sign_in: SignIn) -> None:
    """allauth's would: unannounced and unrecorded, and the next link to a new password would go there."""
    client = sign_in(sam)
    index = client.get("/admin/").content.decode()
    assert "/admin/account/" not in index
    assert client.get("/admin/account/emailaddress/").status_code == 404
    assert not admin.site.is_registered(EmailAddress)


def test_nobody_is_added_or_deleted_by_hand(ann: User, sam: User, sign_in: SignIn) -> None:
    client = sign_in(sam)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{ann.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [ann.pk], "post": "yes"})
    assert User.objects.filter(pk=ann.pk).exists()


def test_an_operator_with_few_rights_sees_little(ann: User, sign_in: SignIn) -> None:
    ann.is_staff = True
    ann.save()
    client = sign_in(ann)
    assert client.get("/admin/").status_code == 200
    assert client.get(LIST).status_code == 403
    ann.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert client.get(LIST).status_code == 200
    assert change(client, ann, is_staff="on").status_code == 403


@pytest.mark.parametrize("table", ["jobslot", "auditevent"])
def test_records_are_there_to_read_only(table: str, sam: User, sign_in: SignIn) -> None:
    forget_old_slots()
    slots.run_once("job", timezone.now(), timedelta(minutes=1), lambda _now: 1)
    event = audit.record("test.done", now=timezone.now(), actor=sam.uuid, subject_type="x")
    pk = event.pk if table == "auditevent" else 1
    client, page = sign_in(sam), f"/admin/caicaini/{table}/"
    assert client.get(f"{page}add/").status_code == 403
    assert client.post(f"{page}{pk}/change/", {"action": "other"}).status_code in {302, 403}
    assert client.post(f"{page}{pk}/delete/", {"post": "yes"}).status_code in {302, 403}
    event.refresh_from_db()
    assert event.action == "test.done"
