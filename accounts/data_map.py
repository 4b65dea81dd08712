"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import mail, people, sessions

DATA_MAP = (*people.DECLARATIONS, *mail.DECLARATIONS, *sessions.DECLARATIONS)
