"""Which user names there may be: readable, typeable, and not to be taken for another one's or for an address."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User, normalised

SHORTEST, LONGEST = 3, 40
LONGEST_TYPED = 4 * LONGEST  # before it is normalised: that takes time with the square of a run of accents
BETWEEN = "._-"
# Letters and marks, by their category, that nobody sees: with them `ann` would be there twice, or a name be blank.
UNSEEN = frozenset(map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))))
UNSEEN_PLANE = range(0xE0000, 0xE1000)
LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK"}  # scripts with letters that look the same

# Names that would pass for the house itself.
OURS = frozenset(
    "abuse admin administrator billing caicaini help info legal mail moderator operator owner postmaster privacy root "
    "security staff support system webmaster".split()
)

LENGTH = _("Choose a user name of 3 to 40 characters.")
AT = _("A user name has no @. Your e-mail address goes into its own field.")
CHARACTERS = _("Use letters, digits, dots, hyphens and underscores only, and begin with a letter or a digit.")
MIXED = _("Use letters of one alphabet: mixed ones can look like somebody else's name.")
TAKEN = _("Somebody has this user name. Choose another one.")


def chosen(text: str, user: User | None = None) -> str:
    """Give the name as it will be stored, in NFKC; raises ValidationError that says what to do instead.

    A name that is taken, by somebody else than `user`, is said to be: names are public identifiers, addresses are not.
    """
    if len(text) > LONGEST_TYPED:
        raise ValidationError(LENGTH, code="length")
    name = unicodedata.normalize("NFKC", text).strip()
    if "@" in name:
        raise ValidationError(AT, code="at")
    if not SHORTEST <= len(name) <= LONGEST:
        raise ValidationError(LENGTH, code="length")
    if not name[0].isalnum() or not all(_is_allowed(character) for character in name):
        raise ValidationError(CHARACTERS, code="characters")
    if len(_scripts(name) & LOOK_ALIKE) > 1:
        raise ValidationError(MIXED, code="mixed")
    others = User.objects.exclude(pk=user.pk) if user else User.objects
    if normalised(name).strip(BETWEEN) in OURS:
        raise ValidationError(TAKEN, code="taken")
    if others.filter(username_key=normalised(name)).exists():
        raise ValidationError(TAKEN, code="taken")
    return name


def _is_allowed(character: str) -> bool:
    if character in UNSEEN or ord(character) in UNSEEN_PLANE:
        return False
    return character in BETWEEN or unicodedata.category(character)[0] in "LNM"


def _scripts(name: str) -> set[str]:
    return {unicodedata.name(character, "?").split()[0] for character in name if character.isalpha()}
