"""The session of a request: found by its access token, or by its refresh token, which is then exchanged at once.

Pages, the admin, allauth and htmx ride on this without knowing: the session behind a sign-in is an ordinary one, but
its key never leaves the server. Before signing in, a session of its own carries what a form needs; it can never become
the session of somebody who is signed in, not even with a stolen key.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from accounts.models import TokenFamily, User
from accounts.sign_ins import cookies, devices, sessions, throttle, tokens
from accounts.sign_ins.sessions import Carried
from accounts.sign_ins.tokens import Kind, Outcome
from accounts.signals import family_began

DEAD = {Outcome.UNKNOWN, Outcome.OVER, Outcome.STOLEN}  # whoever shows such a token has no use for it


class StrangersSession(SessionStore):
    """The session of a browser that nobody is signed in on: one that says otherwise is not given out."""

    # Django makes it from the class's name; what one class wrote at sign-in, the other has to read.
    key_salt = "django.contrib.sessions.SessionStore"

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        if SESSION_KEY not in data:
            return data
        self._session_key = None  # as Django does with a key that is not known
        return {}


class PersonsSession(SessionStore):
    """The session behind a sign-in: given a new key, it is found under the former one until the family follows.

    Else another request of the same moment would find it gone, and so would the next one if this one broke.
    """

    key_salt = StrangersSession.key_salt
    is_gone = False

    def __init__(self, session_key: str) -> None:
        super().__init__(session_key)
        self.followed = session_key

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        self.is_gone = SESSION_KEY not in data
        return data

    def cycle_key(self) -> None:
        data, former = self._session, self.session_key  # type: ignore[attr-defined]  # the stub leaves it out
        self.create()
        self._session_cache = data
        if former != self.followed:
            self.delete(former)


class RotatingSessionMiddleware(SessionMiddleware):
    """Takes the place of Django's, which the admin insists on being this or a subclass of it."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        carried = _recognised(request)
        sessions.carry(request, carried)
        stranger = request.session.session_key
        family = carried.family
        request.session = PersonsSession(family.session_key) if family else StrangersSession(stranger)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session, carried = request.session, sessions.carried_by(request)
        if session.accessed:  # else nothing in it changed, and looking would cost a query
            _end_if_gone(session, carried)
            if SESSION_KEY in session:
                patch_vary_headers(response, ("Cookie",))
                if response.status_code < 500:
                    _follow(request, response, carried)
                return _handed_over(response, carried)
        if carried.family:
            return _handed_over(response, carried)
        if carried.is_over:
            cookies.take_away(response)
        return super().process_response(request, response)


def _recognised(request: HttpRequest) -> Carried:
    now = timezone.now()
    access, refresh = (request.COOKIES.get(name(), "") for name in (cookies.access_name, cookies.refresh_name))
    if access and (family := tokens.check(access, Kind.WEB, now)):
        return Carried(family)
    if not refresh:
        return Carried(is_over=bool(access))
    if throttle.is_guessing(request):  # perhaps a neighbour: what this browser holds may be good, so it keeps it
        return Carried()
    rotation = tokens.rotate(refresh, Kind.WEB, now)
    if rotation.outcome is Outcome.UNKNOWN:
        throttle.note_guess(request)
    return Carried(rotation.family, rotation.refresh, needs_access=True, is_over=rotation.outcome in DEAD)


def _end_if_gone(session: SessionBase, carried: Carried) -> None:
    """End the sign-in whose session was emptied, or became somebody else's."""
    family = carried.family
    if family and session.get(SESSION_KEY) != str(family.user_id):
        if getattr(session, "is_gone", False) and tokens.was_renewed(family):
            return  # to another key, by a request of the same moment
        tokens.end(family, tokens.End.SIGNED_OUT, timezone.now())
        carried.family, carried.refresh, carried.is_over = None, "", True


def _follow(request: HttpRequest, response: HttpResponse, carried: Carried) -> None:
    """Store the session of a person; one that has no sign-in yet, or a new key, gets tokens."""
    session, family, now = request.session, carried.family, timezone.now()
    if family is None:
        _begin(request, carried)
        response.delete_cookie(settings.SESSION_COOKIE_NAME)
        return
    _save(session)
    if session.session_key != family.session_key:
        former = family.session_key
        carried.refresh = tokens.renew(family, _person(request), session.session_key or "", now)
        SessionStore(former).delete()


def _begin(request: HttpRequest, carried: Carried) -> None:
    session, user, now = request.session, _person(request), timezone.now()
    is_lasting = not session.get_expire_at_browser_close()
    session.set_expiry(now + tokens.LASTING[Kind.WEB].absolute)
    _save(session)
    device = devices.of_headers(request.headers)
    key = session.session_key or ""
    carried.family, carried.refresh = tokens.begin(user, Kind.WEB, device, now, key, is_lasting=is_lasting)
    family_began.send(TokenFamily, family=carried.family)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _save(session: SessionBase) -> None:
    if not session.modified:
        return
    try:
        session.save()
    except UpdateError:
        raise SessionInterrupted("The session ended while the request was served.") from None


def _handed_over(response: HttpResponse, carried: Carried) -> HttpResponse:
    """Put into the browser what changed."""
    family = carried.family
    if family is None:
        return response
    if carried.refresh:
        idle = tokens.lifetime(family).idle.total_seconds()
        cookies.put_refresh(response, carried.refresh, int(idle) if family.is_lasting else None)
    if carried.refresh or carried.needs_access:
        cookies.put_access(response, tokens.access_token(family, timezone.now()))
    return response
