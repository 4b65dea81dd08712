"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import address_changes, mail, people, sessions

DATA_MAP = (
    *people.DECLARATIONS,
    *sessions.DECLARATIONS,
    *mail.DECLARATIONS,
    *address_changes.DECLARATIONS,
)
