"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import factors, mail, people, sessions

DATA_MAP = (*people.DECLARATIONS, *factors.DECLARATIONS, *mail.DECLARATIONS, *sessions.DECLARATIONS)
