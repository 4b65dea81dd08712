"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import address_changes, people

DATA_MAP = (*people.DECLARATIONS, *address_changes.DECLARATIONS)
