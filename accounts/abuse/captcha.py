"""The check that a person is there, as the page of limits asks it: our own, which no other host has a part in.

Turnstile stands at the doors (signing up, signing in) and on no other page: that is a promise. Here somebody is signed
in already, and what is to be stopped is a program that never opens a page.
"""

from __future__ import annotations

from django.http import HttpRequest

from accounts.captcha import local
from accounts.captcha.refusals import Refused, Unavailable

ACTION = "standing"


def issue(request: HttpRequest) -> str:
    """Give what the form has to bring back: it was shown here, to this browser, and counts once."""
    return local.issue(request, ACTION)


def is_passed(request: HttpRequest) -> bool:
    """Whether a form that was shown here came back, with the field left alone that people do not see."""
    try:
        local.verify(request, request.POST, ACTION)
    except (Refused, Unavailable):
        return False
    return True
