"""What the service says about itself: Terms, privacy policy, changelog, contact, and where weaknesses are reported."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.closing import TIME_TO_THINK
from accounts.documents import POLICY_VERSION, TERMS_VERSION
from accounts.sign_ins.sessions import identify
from chat import rendering

CHANGELOG = settings.BASE_DIR / "CHANGELOG.md"


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Show what both sides agree to."""
    return _page(request, "terms.html", version=TERMS_VERSION, days_to_think=TIME_TO_THINK.days)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the published policy."""
    return _page(request, "privacy.html", version=POLICY_VERSION)


@require_safe
def changelog(request: HttpRequest) -> HttpResponse:
    """Show what changed, and who helped with security."""
    return _page(request, "changelog.html", blocks=_changelog(CHANGELOG.stat().st_mtime_ns))


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Say whom to write to, for what."""
    return _page(request, "contact.html")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where weaknesses are reported (RFC 9116). `Expires` is set by hand: then somebody looks whether it holds."""
    lines = (
        f"Contact: mailto:{settings.SECURITY_CONTACT}",
        f"Expires: {settings.SECURITY_TXT_EXPIRES}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
        f"Policy: {settings.SITE_URL}{reverse('contact')}",
        f"Acknowledgments: {settings.SITE_URL}{reverse('changelog')}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    addresses = {
        "contact_address": settings.CONTACT_ADDRESS,
        "privacy_address": settings.PRIVACY_ADDRESS,
        "security_address": settings.SECURITY_CONTACT,
    }
    return render(request, template, {**addresses, **context, "signed_in_user": identify(request)})


@cache
def _changelog(_changed: int) -> list[str]:
    """Render the file once for each time that it changes, without its title, which the page has itself."""
    text = CHANGELOG.read_text(encoding="utf-8").removeprefix("# Changelog")
    return rendering.render(text.replace("[SECURITY.md](SECURITY.md)", "the [contact page](/contact/#security)"))
