"""What is kept about you, and who looked at it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import kept, looks, signup
from accounts.models import User
from accounts.sign_ins.sessions import signed_in
from caicaini.personal_data import register


@require_safe
@signed_in
def data(request: HttpRequest, user: User) -> HttpResponse:
    """Show the data map with this person's own numbers."""
    found = register()
    return render(
        request,
        "account/data.html",
        {
            "groups": kept.by_purpose(user, found),
            "sign_up": signup.shown_to(user),
            "browser_values": found.browser_values,
            "hosts": found.hosts,
            "looks": looks.at(user, timezone.now()),
        },
    )
