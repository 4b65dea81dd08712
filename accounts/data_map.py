"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import people, sessions, signup

DATA_MAP = (*people.DECLARATIONS, *sessions.DECLARATIONS, *signup.DECLARATIONS)
