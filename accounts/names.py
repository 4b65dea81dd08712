"""What a user name may look like."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User, normalised

SHORTEST, LONGEST = 3, 40
KEY_LONGEST = 120
INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")


def check(name: str) -> str:
    """Give the name as it will be stored, or raise ValidationError in plain words; asks no database."""
    name = unicodedata.normalize("NFC", name.strip())
    if not SHORTEST <= len(name) <= LONGEST:
        raise ValidationError(
            _("A user name has %(least)s to %(most)s characters.") % {"least": SHORTEST, "most": LONGEST}
        )
    if "@" in normalised(name):
        raise ValidationError(_("A user name cannot contain an @: that is how addresses are told from names."))
    if any(unicodedata.category(letter) in INVISIBLE for letter in name):
        raise ValidationError(_("This name contains a character that cannot be seen. Leave it out."))
    if not SHORTEST <= len(normalised(name)) <= KEY_LONGEST:
        raise ValidationError(_("This name cannot be told apart from others. Use more letters or digits."))
    return name


def is_free(name: str, user: User | None = None) -> bool:
    """Whether nobody else is called so, in any writing."""
    others = User.objects.exclude(pk=user.pk) if user else User.objects
    return not others.filter(username_key=normalised(name)).exists()
