"""The list of devices: what it shows, and what ends one or all others."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import TokenFamily, User
from accounts.sign_ins import devices
from accounts.sign_ins.tokens import Device
from accounts.tests.test_middleware import is_in
from conftest import SignIn

pytestmark = pytest.mark.django_db
DEVICES = "/account/devices/"
AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": Device("Firefox", "Linux"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36": (
        Device("Chrome", "Windows")
    ),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0": (
        Device("Edge", "Windows")
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1": (
        Device("Safari", "iOS")
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/156.0 Safari/604.1": (
        Device("Chrome", "iOS")
    ),
    "Mozilla/5.0 (Linux; Android 16; SM-S938B) AppleWebKit/537.36 SamsungBrowser/29.0 Chrome/136.0 Safari/537.36": (
        Device("Samsung Internet", "Android")
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15": (
        Device("Safari", "macOS")
    ),
    "Mozilla/5.0 (X11; CrOS x86_64 16000.0.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36": (
        Device("Chrome", "ChromeOS")
    ),
    "curl/8.5": Device(),
    "": Device(),
    "x" * 100_000: Device(),
}


@pytest.mark.parametrize(("agent", "device"), AGENTS.items(), ids=[str(number) for number in range(len(AGENTS))])
def test_a_device_is_named_coarsely(agent: str, device: Device) -> None:
    assert devices.of_headers({"User-Agent": agent}) == device


def test_the_list_shows_ones_own_living_sign_ins(ann: User, bob: User, sign_in: SignIn) -> None:
    here, _elsewhere, gone = sign_in(ann), sign_in(ann), sign_in(ann)
    sign_in(bob)
    gone.post("/account/logout/")
    page = here.get(DEVICES).content.decode()
    assert page.count("Firefox") == 2
    assert page.count("This device") == 1


def test_one_device_is_signed_out_and_the_others_are_not(ann: User, sign_in: SignIn) -> None:
    here, there, third = sign_in(ann), sign_in(ann), sign_in(ann)
    family = TokenFamily.objects.order_by("pk")[1]
    assert here.post(f"{DEVICES}{family.uuid}/").headers["Location"] == DEVICES
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]


def test_all_others_are_signed_out(ann: User, sign_in: SignIn) -> None:
    here, there, third = sign_in(ann), sign_in(ann), sign_in(ann)
    answer = here.post(f"{DEVICES}others/", follow=True)
    assert "2 other devices are signed out." in answer.content.decode()
    assert [is_in(client) for client in (here, there, third)] == [True, False, False]


def test_signing_out_this_device_leads_to_the_start_page(ann: User, sign_in: SignIn) -> None:
    here = sign_in(ann)
    assert here.post(f"{DEVICES}{TokenFamily.objects.get().uuid}/").headers["Location"] == "/"
    assert not is_in(here)


def test_a_stranger_and_another_person_end_nothing(ann: User, bob: User, sign_in: SignIn) -> None:
    here = sign_in(ann)
    target = f"{DEVICES}{TokenFamily.objects.get().uuid}/"
    assert sign_in(bob).post(target).status_code == 404
    assert sign_in(bob).post(f"{DEVICES}{uuid4()}/").status_code == 404
    for path in (target, f"{DEVICES}others/", DEVICES):
        answer = Client().post(path) if path != DEVICES else Client().get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")
    assert is_in(here)


def test_only_the_right_methods_are_taken(ann: User, sign_in: SignIn) -> None:
    here = sign_in(ann)
    assert here.post(DEVICES).status_code == 405
    assert here.get(f"{DEVICES}others/").status_code == 405
    assert here.get(f"{DEVICES}{TokenFamily.objects.get().uuid}/").status_code == 405


def test_a_form_of_another_site_ends_nothing(ann: User, sign_in: SignIn) -> None:
    here = sign_in(ann)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.load({name: morsel.value for name, morsel in here.cookies.items()})
    assert strict.post(f"{DEVICES}others/").status_code == 403
