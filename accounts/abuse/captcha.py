"""The check that somebody is a person: the one function through which the page asks for it.

Registration builds the check itself. Until it is here the page asks for a click and nothing more: locking people out
for want of a check would make a hard sanction of a mild one.
"""

from __future__ import annotations

from django.http import HttpRequest


def is_passed(request: HttpRequest) -> bool:
    """Whether this request shows that a person is there."""
    return request.method == "POST"
