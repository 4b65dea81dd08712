"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import abuse, people, sessions

DATA_MAP = (*people.DECLARATIONS, *sessions.DECLARATIONS, *abuse.DECLARATIONS)
