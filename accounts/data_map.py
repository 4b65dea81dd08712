"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import abuse, mail, people, sessions

DATA_MAP = (*people.DECLARATIONS, *sessions.DECLARATIONS, *mail.DECLARATIONS, *abuse.DECLARATIONS)
