"""`{{ amount|credits }}`: micro-credits for people."""

from django import template

from billing.credits import exact_credits, format_credits

register = template.Library()
register.filter("credits", format_credits)
register.filter("exact_credits", exact_credits)
