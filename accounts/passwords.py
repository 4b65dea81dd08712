"""Django's password rules in words that say what to do."""

from __future__ import annotations

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class LongEnough(rules.MinimumLengthValidator):
    """Length is what makes a password hard to guess."""

    def get_error_message(self) -> str:
        return ngettext(
            "Make it longer: %d character or more.", "Make it longer: %d characters or more.", self.min_length
        ) % (self.min_length)

    def get_help_text(self) -> str:
        return ngettext(
            "%d character or more; several words are easy to remember",
            "%d characters or more; several words are easy to remember",
            self.min_length,
        ) % (self.min_length)


class NotCommon(rules.CommonPasswordValidator):
    """The twenty thousand that are tried first."""

    def get_error_message(self) -> str:
        return _("Many people use this password, so it is guessed first. Choose another one.")

    def get_help_text(self) -> str:
        return _("not one that many people use")


class NotLikeTheAccount(rules.UserAttributeSimilarityValidator):
    """Nor what everybody can see."""

    def get_error_message(self) -> str:
        return _("This is too much like your user name or e-mail address. Choose something else.")

    def get_help_text(self) -> str:
        return _("nothing like your user name or e-mail address")
