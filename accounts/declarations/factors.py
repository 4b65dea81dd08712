"""Second factors."""

from caicaini.personal_data import Category, Column, Purpose, Retention, Table, technical

SECURITY = Column(Category.SECURITY, export=True)

DECLARATIONS = (
    Table(
        model="mfa.Authenticator",
        subject="user",
        purpose=Purpose.SECURITY,
        retention=Retention.ACCOUNT,
        columns={
            "id": technical(),
            "user": technical(),
            "type": SECURITY,
            "data": Column(Category.CREDENTIAL),
            "created_at": SECURITY,
            "last_used_at": SECURITY,
        },
    ),
    Table(
        model="accounts.FactorReset",
        subject="user",
        purpose=Purpose.SECURITY,
        retention=Retention.ACCOUNT,
        public_id="uuid",
        columns={
            "id": technical(),
            "uuid": technical(),
            "user": technical(),
            "open_for": technical(),
            "mark": Column(Category.CREDENTIAL),
            "requested_at": SECURITY,
            "due_at": SECURITY,
            "link_until": SECURITY,
            "cancelled_at": SECURITY,
            "done_at": SECURITY,
            "end": SECURITY,
        },
    ),
)
