"""Codes of an app are those of RFC 6238, each good once; secrets rest sealed; passkeys belong to the site's host."""

from __future__ import annotations

from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from accounts.factor_adapter import FactorAdapter, relying_party
from accounts.factors import codes, sealing
from accounts.models import User
from caicaini.crypto import UnreadableError

SECRET = b32encode(b"12345678901234567890").decode()  # of the RFC's table
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    assert codes.code_at(SECRET, codes.step_at(moment)) == code
    assert codes.code_at(SECRET.lower(), codes.step_at(moment)) == code


@pytest.mark.parametrize("typed", ["287082", "287 082", " 287-082 "])
def test_people_may_type_gaps(typed: str) -> None:
    assert codes.matching_step(SECRET, typed, datetime.fromtimestamp(59, tz=UTC)) == 1


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    step = codes.matching_step(SECRET, typed, NOW)
    assert step is None or codes.code_at(SECRET, step) in typed.replace(" ", "").replace("-", "")


def app_of(user: User) -> Authenticator:
    return Authenticator.objects.create(user=user, type="totp", data={"secret": sealing.seal(SECRET)})


@pytest.mark.django_db
def test_a_code_is_spent_once_and_takes_the_earlier_ones_along(ann: User) -> None:
    app, step = app_of(ann), codes.step_at(NOW)
    assert codes.spend(app, codes.code_at(SECRET, step), NOW)
    later = NOW + timedelta(seconds=30)
    for earlier in (step - 1, step):
        assert not codes.spend(app, codes.code_at(SECRET, earlier), later)
    assert codes.spend(app, codes.code_at(SECRET, step + 1), later)
    assert codes.use(ann, codes.code_at(SECRET, step + 1), later) is None


@pytest.mark.django_db
def test_somebody_elses_code_is_none(ann: User, bob: User) -> None:
    app_of(ann)
    assert codes.use(bob, codes.code_at(SECRET, codes.step_at(NOW)), NOW) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_show_one_code_at_once_one_gets_in(ann: User) -> None:
    app, code = app_of(ann), codes.code_at(SECRET, codes.step_at(NOW))

    def spend(_number: int) -> bool:
        try:
            return codes.spend(Authenticator.objects.get(pk=app.pk), code, NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(spend, range(6))) == 1


def test_sealing_gives_another_text_each_time_and_the_same_back() -> None:
    first, second = sealing.seal(SECRET), sealing.seal(SECRET)
    assert first != second
    assert SECRET not in first
    assert sealing.unseal(first) == sealing.unseal(second) == SECRET


def test_a_former_secret_key_still_opens_what_it_sealed(settings: pytest.FixtureRequest) -> None:
    sealed, former = sealing.seal(SECRET), settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another-" * 8  # type: ignore[attr-defined]
    with pytest.raises(UnreadableError):
        sealing.unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [former]  # type: ignore[attr-defined]
    assert sealing.unseal(sealed) == SECRET


@pytest.mark.parametrize("bad", ["", "x", "AAAA", "ä", SECRET])
def test_what_nobody_sealed_is_unreadable(bad: str) -> None:
    with pytest.raises(UnreadableError):
        sealing.unseal(bad)


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("https://caicaini.example", "caicaini.example"),
        ("https://chat.caicaini.example:8443", "chat.caicaini.example"),
        ("http://127.0.0.1:8000", "localhost"),
        ("http://[::1]:8000", "localhost"),
        ("http://localhost:8000", "localhost"),
    ],
)
def test_passkeys_belong_to_the_sites_host(site: str, host: str) -> None:
    assert relying_party(site) == host


def test_an_authenticator_learns_a_uuid_and_a_name() -> None:
    user = User(username="ann", email="ann@example.test")
    told = FactorAdapter().get_public_key_credential_user_entity(user)
    assert told == {"id": user.uuid.bytes, "display_name": "ann", "name": "ann"}
    assert FactorAdapter().build_totp_url(user, SECRET) == (
        f"otpauth://totp/Caicaini%3Aann?secret={SECRET}&issuer=Caicaini"
    )
    assert "ann@" not in FactorAdapter().build_totp_url(user, SECRET)
