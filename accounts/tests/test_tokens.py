"""Sign-ins: rotation, theft, parallel tabs, lost answers, clocks; never more than one refresh token is live."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.db import IntegrityError, connection, transaction

from accounts.models import RefreshToken, TokenFamily, User
from accounts.sign_ins import tokens
from accounts.sign_ins.tokens import Device, End, Kind, Outcome
from accounts.signals import family_ended, family_stolen

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = timedelta(minutes=6)
GRACE = tokens.GRACE


def begin(user: User, kind: Kind = Kind.WEB, *, is_lasting: bool = True) -> tuple[TokenFamily, str]:
    session = SessionStore()
    session["who"] = user.pk
    session.create()
    return tokens.begin(user, kind, Device("Firefox", "Linux"), START, session.session_key or "", is_lasting=is_lasting)


@dataclass
class Chain:
    """Plays a story: `t0` is the first token, and each rotation names what it gave `t1`, `t2` and so on."""

    user: User
    known: dict[str, str] = field(default_factory=dict)

    def play(self, story: str) -> list[str]:
        """Show tokens at seconds after the start: "t0@0 t0@5 t1@301"; gives the outcomes."""
        self.family, self.known["t0"] = begin(self.user)
        return [self._show(*step.split("@")) for step in story.split()]

    def _show(self, name: str, second: str) -> str:
        rotation = tokens.rotate(self.known[name], Kind.WEB, START + timedelta(seconds=int(second)))
        if rotation.refresh:
            self.known[f"t{len(self.known)}"] = rotation.refresh
        assert RefreshToken.objects.filter(live_of=self.family).count() <= 1
        return rotation.outcome.value


DAY = 86_400
STORIES = {
    "a sign-in goes on": ("t0@301 t1@602 t2@903", "rotated rotated rotated"),
    "six requests of one page": ("t0@301 t0@301 t0@302 t0@303 t0@303 t0@316", "rotated" + " sibling" * 5),
    "a sibling never gets a successor, and the chain goes on": ("t0@301 t0@310 t1@611", "rotated sibling rotated"),
    "a used token comes again after its successor was used": ("t0@301 t1@602 t0@700", "rotated rotated stolen"),
    "then the honest holder is out too": ("t0@301 t1@602 t0@700 t2@903", "rotated rotated stolen over"),
    "a used token within the grace of its successor's use": ("t0@301 t1@310 t0@312", "rotated rotated sibling"),
    "the same after the grace": ("t0@301 t1@310 t0@317", "rotated rotated stolen"),
    "a lost answer": ("t0@301 t0@610 t2@911", "rotated rotated rotated"),
    "a lost answer to six requests of one page": (
        "t0@301 t0@610 t0@611 t0@612 t2@911",
        "rotated rotated sibling sibling rotated",
    ),
    "two lost answers": ("t0@301 t0@610 t0@911 t3@1300", "rotated rotated rotated rotated"),
    "a thief took the predecessor, the holder comes back": ("t0@301 t0@610 t1@611", "rotated rotated stolen"),
    "and the thief is out as well": ("t0@301 t0@610 t1@611 t2@700", "rotated rotated stolen over"),
    "a thief was first, the holder's token is used": ("t0@301 t1@602 t0@602", "rotated rotated stolen"),
    "the grandparent comes again": ("t0@301 t1@602 t2@903 t0@904", "rotated rotated rotated stolen"),
    "two weeks without use": (f"t0@{14 * DAY}", "over"),
    "just below two weeks": (f"t0@{14 * DAY - 1} t1@{28 * DAY - 2}", "rotated rotated"),
    "an old used token of a sign-in that goes on": (
        f"t0@{13 * DAY} t1@{20 * DAY} t0@{21 * DAY}",
        "rotated rotated stolen",
    ),
    "ninety days in all": (
        " ".join(f"t{number}@{(number + 1) * 10 * DAY}" for number in range(9)),
        "rotated " * 8 + "over",
    ),
    "a clock that is behind": ("t0@301 t0@299 t1@290", "rotated sibling rotated"),
}


@pytest.mark.parametrize(("story", "outcomes"), STORIES.values(), ids=STORIES)
def test_story(story: str, outcomes: str, ann: User) -> None:
    assert " ".join(Chain(ann).play(story)) == outcomes.strip()


def test_theft_ends_the_family_and_its_session_and_is_told_once(
    ann: User, django_capture_on_commit_callbacks: object
) -> None:
    told: list[str] = []
    stolen = lambda **_kwargs: told.append("stolen")  # noqa: E731
    ended = lambda **_kwargs: told.append("ended")  # noqa: E731
    family_stolen.connect(stolen)
    family_ended.connect(ended)
    chain = Chain(ann)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        chain.play("t0@301 t1@602 t0@700 t0@701 t2@702")
    family = TokenFamily.objects.get(pk=chain.family.pk)
    assert (family.end, family.ended_at) == (End.REUSED, START + timedelta(seconds=700))
    assert not SessionStore(chain.family.session_key).exists(chain.family.session_key)
    assert family.session_key == ""
    assert told == ["ended", "stolen"]


def test_other_sign_ins_of_the_person_survive_a_theft(ann: User) -> None:
    _other, refresh = begin(ann)
    Chain(ann).play("t0@301 t1@602 t0@700")
    assert tokens.rotate(refresh, Kind.WEB, START + timedelta(seconds=800)).outcome is Outcome.ROTATED


@pytest.mark.parametrize("token", ["", "x", "x" * 5_000, "é☃", "\x00", "' OR 1=1 --"])
def test_a_token_that_nobody_was_given_is_unknown(token: str, ann: User) -> None:
    begin(ann)
    assert tokens.rotate(token, Kind.WEB, START) == tokens.Rotation(Outcome.UNKNOWN)


def test_a_token_is_good_for_its_own_kind_only(ann: User) -> None:
    for kind, other in ((Kind.WEB, Kind.CLI), (Kind.CLI, Kind.WEB)):
        family, refresh = begin(ann, kind)
        access = tokens.access_token(family, START)
        assert tokens.rotate(refresh, other, START).outcome is Outcome.UNKNOWN
        assert tokens.check(access, other, START) is None
        assert tokens.check(access, kind, START) == family
        assert tokens.rotate(refresh, kind, START).outcome is Outcome.ROTATED


@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [(0, True), (299, True), (300, False), (301, False), (-59, True), (-61, False), (-3_600, False)],
    ids=["new", "nearly over", "over", "past", "issuer ahead within the skew", "ahead beyond it", "an hour ahead"],
)
def test_access_lasts_five_minutes_and_allows_for_some_skew(seconds: int, is_good: bool, ann: User) -> None:
    family, _refresh = begin(ann)
    access = tokens.access_token(family, START)
    assert (tokens.check(access, Kind.WEB, START + timedelta(seconds=seconds)) == family) is is_good


CHANGES: dict[str, Callable[[str], str]] = {
    "last letter": lambda text: text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1],
    "upper case": str.upper,
    "nothing left": lambda text: "",
    "one letter more": lambda text: text + "A",
    "parts exchanged": lambda text: ":".join(reversed(text.split(":"))),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_access_token_proves_nothing(change: Callable[[str], str], ann: User) -> None:
    family, _refresh = begin(ann)
    access = tokens.access_token(family, START)
    assert tokens.check(change(access), Kind.WEB, START) is None


def test_a_signature_made_for_something_else_proves_nothing(ann: User) -> None:
    family, _refresh = begin(ann)
    until = int((START + tokens.ACCESS_FOR).timestamp())
    other = signing.Signer(salt="something.else").sign_object([family.uuid.hex, "web", until])
    nonsense: tuple[object, ...] = (["x"], "x", {}, [1, 2, 3], [family.uuid.hex, "web", "soon"], [family.uuid.hex])
    for content in nonsense:
        assert tokens.check(signing.Signer(salt=tokens.SALT).sign_object(content), Kind.WEB, START) is None
    assert tokens.check(other, Kind.WEB, START) is None


def test_nothing_is_stored_that_could_be_shown(ann: User) -> None:
    _family, refresh = begin(ann)
    row = RefreshToken.objects.get()
    assert refresh not in (row.digest, str(row))
    assert len(refresh) >= 43  # 256 bits


@pytest.mark.parametrize("shut", ["ended", "inactive", "new password", "expired"], ids=lambda shut: shut)
def test_a_sign_in_that_is_over_is_over_for_both_tokens_at_once(shut: str, ann: User) -> None:
    family, refresh = begin(ann)
    access, now = tokens.access_token(family, START), START + timedelta(seconds=1)
    match shut:
        case "ended":
            assert tokens.end(family, End.REVOKED, now)
            assert not tokens.end(family, End.REVOKED, now)
        case "inactive":
            User.objects.filter(pk=ann.pk).update(is_active=False)
        case "new password":
            ann.set_password("another-long-pass-word")
            ann.save(update_fields=["password"])
        case "expired":
            TokenFamily.objects.filter(pk=family.pk).update(expires_at=now)
    assert tokens.check(access, Kind.WEB, now) is None
    outcome = Outcome.UNPROVEN if shut == "new password" else Outcome.OVER
    assert tokens.rotate(refresh, Kind.WEB, now) == tokens.Rotation(outcome)


@pytest.mark.parametrize(
    ("rights", "kind", "is_lasting", "idle"),
    [
        ({}, Kind.WEB, True, tokens.LASTING[Kind.WEB].idle),
        ({}, Kind.WEB, False, tokens.PASSING.idle),
        ({}, Kind.CLI, True, tokens.LASTING[Kind.CLI].idle),
        ({"is_staff": True}, Kind.WEB, True, tokens.STAFF.idle),
    ],
    ids=["remembered", "not remembered", "command line", "operator"],
)
def test_how_long_it_lasts_without_use(
    rights: dict[str, bool], kind: Kind, is_lasting: bool, idle: timedelta, ann: User
) -> None:
    User.objects.filter(pk=ann.pk).update(**rights)
    ann.refresh_from_db()
    for wait, outcome in ((idle - timedelta(seconds=1), Outcome.ROTATED), (idle, Outcome.OVER)):
        _family, refresh = begin(ann, kind, is_lasting=is_lasting)
        assert tokens.rotate(refresh, kind, START + wait).outcome is outcome


def test_ending_the_others_spares_the_one_and_other_people(ann: User, bob: User) -> None:
    kept, bobs = begin(ann)[0], begin(bob)[0]
    for _ in range(3):
        begin(ann)
    assert tokens.end_others(ann, kept, End.REVOKED, START) == 3
    assert tokens.open_of(ann, START) == [kept]
    assert tokens.open_of(bob, START) == [bobs]
    assert tokens.end_all(ann, End.REVOKED, START) == 1


def test_renewing_follows_the_session_and_the_password(ann: User) -> None:
    family, refresh = begin(ann)
    ann.set_password("another-long-pass-word")
    ann.save(update_fields=["password"])
    fresh = tokens.renew(family, ann, "another-session-key", START)
    assert tokens.rotate(refresh, Kind.WEB, START + GRACE).outcome is Outcome.SIBLING
    assert tokens.rotate(fresh, Kind.WEB, START + LATER).outcome is Outcome.ROTATED
    assert TokenFamily.objects.get(pk=family.pk).session_key == "another-session-key"


def test_the_database_refuses_a_second_live_token(ann: User) -> None:
    family, _refresh = begin(ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        RefreshToken.objects.create(family=family, live_of=family, digest="x", expires_at=START)


def test_forgetting_keeps_what_proves_a_theft_and_deletes_the_rest(ann: User) -> None:
    chain = Chain(ann)
    chain.play(f"t0@301 t1@{12 * DAY} t2@{13 * DAY}")
    assert tokens.forget_old(START + timedelta(days=13, hours=1)) == 0
    assert tokens.forget_old(START + timedelta(days=14)) == 1  # the first token, of no use even to a thief
    assert tokens.rotate(chain.known["t1"], Kind.WEB, START + timedelta(days=15)).outcome is Outcome.STOLEN
    _idle, _refresh = begin(ann)
    tokens.forget_old(START + timedelta(days=29))
    assert TokenFamily.objects.get(pk=_idle.pk).end == End.EXPIRED
    tokens.forget_old(START + timedelta(days=60))
    assert not TokenFamily.objects.exists()
    assert not RefreshToken.objects.exists()


def rotate_in_threads(refresh: str, count: int, now: datetime) -> list[Outcome]:
    """Show one token from many threads at the same moment."""
    ready, found = threading.Barrier(count), list[Outcome]()

    def show() -> None:
        ready.wait()
        try:
            found.append(tokens.rotate(refresh, Kind.WEB, now).outcome)
        finally:
            connection.close()

    threads = [threading.Thread(target=show) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_rotates(ann: User) -> None:
    for number in range(10):
        family, refresh = begin(ann)
        outcomes = rotate_in_threads(refresh, 6, START + LATER)
        assert sorted(outcomes) == [Outcome.ROTATED] + [Outcome.SIBLING] * 5, number
        assert RefreshToken.objects.filter(family=family).count() == 2
        assert RefreshToken.objects.filter(live_of=family).count() == 1
