"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import people

DATA_MAP = (*people.DECLARATIONS,)
