"""Changes of an e-mail address."""

from caicaini.personal_data import Category, Column, Purpose, Retention, Table, technical

DECLARATIONS = (
    Table(
        model="accounts.EmailChange",
        subject="user",
        purpose=Purpose.SECURITY,
        retention=Retention.ADDRESS_CHANGE,
        public_id="uuid",
        columns={
            "id": technical(),
            "uuid": technical(),
            "user": technical(),
            "old_email": Column(Category.IDENTITY, export=True),
            "old_email_key": Column(Category.IDENTITY),
            "new_email": Column(Category.IDENTITY, export=True),
            "code": Column(Category.CREDENTIAL),
            "tries": Column(Category.SECURITY),
            "token": Column(Category.CREDENTIAL),
            "asked_at": Column(Category.SECURITY, export=True),
            "confirmed_at": Column(Category.SECURITY, export=True),
            "undone_at": Column(Category.SECURITY, export=True),
        },
    ),
)
