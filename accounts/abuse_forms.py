"""What people fill in to object, and operators to judge."""

from __future__ import annotations

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _

from accounts.abuse import appeals
from accounts.models import AbuseCase, Reason


class AppealForm(forms.Form):
    """Why a sanction is wrong, in the person's own words."""

    text = forms.CharField(label=_("What should we know?"), max_length=appeals.LONGEST_TEXT)


class DecisionForm(forms.Form):
    """How a case ends; what may go with what is checked by `accounts.abuse.cases`."""

    decision = forms.ChoiceField(label=_("Decision"), choices=AbuseCase.Decision)
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", "---------"), *Reason.choices],
        required=False,
        help_text=_("The person reads it."),
    )
    expires_at = forms.SplitDateTimeField(
        label=_("Until"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_("UTC. Only a ban may be without an end."),
    )
    note = forms.CharField(
        label=_("Note to the person"),
        max_length=300,
        required=False,
        help_text=_("Short. The person reads it. Quote nobody."),
    )


class AnswerForm(forms.Form):
    """The answer to an appeal."""

    is_granted = forms.ChoiceField(
        label=_("Decision"), choices=[("", "---------"), ("yes", _("lift the sanction")), ("no", _("keep it"))]
    )
    text = forms.CharField(label=_("Answer"), widget=forms.Textarea, max_length=appeals.LONGEST_TEXT)
