"""What is kept against misuse."""

from caicaini.personal_data import Category, Column, Purpose, Retention, Table, content, technical

SHOWN = Column(Category.SECURITY, export=True)
OPERATOR = Column(Category.STAFF)  # by uuid; the person sees that an operator decided, not which

DECLARATIONS = (
    Table(
        model="accounts.AbuseSignal",
        subject="user",
        purpose=Purpose.ABUSE,
        retention=Retention.ABUSE_SIGNAL,
        erase_with="accounts.User",
        columns={
            "id": technical(),
            "user": technical(),
            "kind": SHOWN,
            "weight": SHOWN,
            "evidence": SHOWN,
            "at": SHOWN,
        },
    ),
    Table(
        model="accounts.AbuseCase",
        subject="user",
        purpose=Purpose.ABUSE,
        retention=Retention.ABUSE_CASE,
        erase_with="accounts.User",
        columns={
            "id": technical(),
            "user": technical(),
            "open_for": technical(),
            **dict.fromkeys(
                ("opened_at", "state", "score", "reasons", "decision", "reason", "note", "decided_at"), SHOWN
            ),
            "decided_by": OPERATOR,
        },
    ),
    Table(
        model="accounts.Sanction",
        subject="user",
        purpose=Purpose.ABUSE,
        retention=Retention.SANCTION,
        public_id="uuid",
        erase_with="accounts.AbuseCase",
        columns={
            **{name: technical() for name in ("id", "uuid", "user", "case")},
            **dict.fromkeys(("kind", "reason", "begins_at", "expires_at", "lifted_at", "passed_until"), SHOWN),
            "set_by": OPERATOR,
            "lifted_by": OPERATOR,
        },
    ),
    Table(
        model="accounts.Appeal",
        subject="sanction__user",
        purpose=Purpose.ABUSE,
        retention=Retention.SANCTION,
        public_id="uuid",
        erase_with="accounts.Sanction",
        columns={
            **{name: technical() for name in ("id", "uuid", "sanction", "open_for")},
            "text": content(),
            "answer": content(),
            **dict.fromkeys(("state", "made_at", "answered_at"), SHOWN),
            "answered_by": OPERATOR,
        },
    ),
)
