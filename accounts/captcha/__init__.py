"""The check that a person, not a script, signs up, signs in or asks for a new password."""

from accounts.captcha.gate import require
from accounts.captcha.mode import Action, Mode, mode
from accounts.captcha.pages import may_show_widget
from accounts.captcha.refusals import Refused
from accounts.captcha.widget import Widget, widget

__all__ = ["Action", "Mode", "Refused", "Widget", "may_show_widget", "mode", "require", "widget"]
