"""What operators fill in: a price that starts now or later, and credit to give or take back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import LONG_FIELDS, RATE_FIELDS, LedgerEntry, Price
from billing.rates import CREDIT

RATE_HELP = _("Micro-credits per million tokens: 100000000 is 1 US dollar.")
LARGEST_GRANT = 1_000_000  # credits
STAFF_NOTES = (LedgerEntry.Note.GOODWILL, LedgerEntry.Note.OUTAGE, LedgerEntry.Note.CORRECTION)


class PriceForm(forms.ModelForm):
    """A new price; what was charged in the past stays as it was."""

    effective_at = forms.SplitDateTimeField(
        label=_("Effective from"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_("UTC. Leave it empty to start now."),
    )

    class Meta:
        model = Price
        fields = ("model", "effective_at", *RATE_FIELDS, *LONG_FIELDS)
        help_texts = {"input": RATE_HELP, "long_input": RATE_HELP}

    def clean_effective_at(self) -> datetime:
        now = timezone.now()
        chosen: datetime | None = self.cleaned_data["effective_at"]
        if chosen and chosen < now:
            raise forms.ValidationError(_("A price cannot start in the past. Leave it empty to start now."))
        return chosen or now


class GrantForm(forms.Form):
    """Credit to give, or below zero to take back. `request_id` makes a form that is sent twice count once."""

    credits = forms.DecimalField(
        label=_("Credits"),
        min_value=-LARGEST_GRANT,
        max_value=LARGEST_GRANT,
        decimal_places=2,
        help_text=_("For each account. A negative number takes credit back, down to nothing."),
    )
    note = forms.ChoiceField(label=_("Reason"), choices=[(note.value, note.label) for note in STAFF_NOTES])
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_credits(self) -> Decimal:
        amount: Decimal = self.cleaned_data["credits"]
        if amount == 0:
            raise forms.ValidationError(_("Say how many credits."))
        return amount

    @property
    def micro(self) -> int:
        return int(self.cleaned_data["credits"] * CREDIT)
