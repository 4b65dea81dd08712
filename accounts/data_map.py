"""What accounts hold about people, allauth's tables included."""

from accounts.declarations import abuse, address_changes, factors, mail, people, sessions, signup

DATA_MAP = (
    *people.DECLARATIONS,
    *signup.DECLARATIONS,
    *factors.DECLARATIONS,
    *sessions.DECLARATIONS,
    *mail.DECLARATIONS,
    *address_changes.DECLARATIONS,
    *abuse.DECLARATIONS,
)
