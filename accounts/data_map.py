"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import abuse, people

DATA_MAP = (*people.DECLARATIONS, *abuse.DECLARATIONS)
