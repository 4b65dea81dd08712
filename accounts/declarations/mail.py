"""Mails to people."""

from caicaini.personal_data import Category, Column, OutboundHost, Purpose, Retention, Table, technical

TOLD = Column(Category.SECURITY, export=True)

DECLARATIONS = (
    Table(
        model="accounts.OutboxMail",
        subject="user",
        purpose=Purpose.ACCOUNT,
        retention=Retention.MAIL,
        columns={
            **{name: technical() for name in ("id", "uuid", "user", "due_at", "expires_at", "tried_at", "met_outage")},
            "address": Column(Category.IDENTITY, encrypted=True),
            "context": Column(Category.CREDENTIAL, encrypted=True),
            **dict.fromkeys(("kind", "state", "attempts", "code", "created_at", "ended_at"), TOLD),
        },
    ),
    OutboundHost(
        "The mail server", "EMAIL_HOST", "the address and the text of each mail, and nothing else", Purpose.ACCOUNT
    ),
)
