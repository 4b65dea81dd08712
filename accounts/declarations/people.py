"""Who people are."""

from caicaini.personal_data import (
    BrowserValue,
    CacheKey,
    Category,
    Column,
    Erasure,
    Purpose,
    Retention,
    Table,
    technical,
)

IDENTITY = Column(Category.IDENTITY, erase=Erasure.OVERWRITE, export=True)
CREDENTIAL = Column(Category.CREDENTIAL, erase=Erasure.OVERWRITE)
SETTING = Column(Category.SETTING, erase=Erasure.OVERWRITE, export=True)

DECLARATIONS = (
    Table(
        model="accounts.User",
        subject="",
        purpose=Purpose.ACCOUNT,
        retention=Retention.ACCOUNT,
        public_id="uuid",
        columns={
            "id": technical(),
            "uuid": technical(),
            "username": IDENTITY,
            "username_key": IDENTITY,
            "email": IDENTITY,
            "email_key": IDENTITY,
            "email_verified_at": Column(Category.SETTING, erase=Erasure.BLANK, export=True),
            "password": CREDENTIAL,
            "last_login": Column(Category.SECURITY, erase=Erasure.BLANK, export=True),
            "date_joined": Column(Category.SECURITY, erase=Erasure.OVERWRITE, export=True),
            "is_active": SETTING,
            "is_staff": SETTING,
            "is_superuser": SETTING,
            "closing_at": Column(Category.SETTING, erase=Erasure.BLANK, export=True),
            "restricted_at": Column(Category.SETTING, erase=Erasure.BLANK, export=True),
            "sanctioned_until": Column(Category.SECURITY, erase=Erasure.BLANK, export=True),
        },
    ),
    *(
        Table(
            model=f"accounts.User_{right}",
            subject="user",
            purpose=Purpose.SECURITY,
            retention=Retention.ACCOUNT,
            columns={"id": technical(), "user": technical(), other: Column(Category.STAFF)},
        )
        for right, other in (("groups", "group"), ("user_permissions", "permission"))
    ),
    Table(
        model="account.EmailAddress",
        subject="user",
        purpose=Purpose.ACCOUNT,
        retention=Retention.ACCOUNT,
        columns={
            "id": technical(),
            "user": technical(),
            "email": Column(Category.IDENTITY, export=True),
            "verified": Column(Category.SETTING, export=True),
            "primary": Column(Category.SETTING, export=True),
        },
    ),
    Table(
        model="account.EmailConfirmation",
        subject="email_address__user",
        purpose=Purpose.ACCOUNT,
        retention=Retention.ACCOUNT,
        columns={
            "id": technical(),
            "email_address": technical(),
            "created": technical(),
            "sent": technical(),
            "key": Column(Category.CREDENTIAL),
        },
    ),
    CacheKey(
        "allauth:*",
        Category.SECURITY,
        86_400,
        "attempts per keyed hash of a network address or a name, with a daily key; per plain hash of an e-mail address,"
        " for a minute",
    ),
    BrowserValue(
        "sessionid", "cookie", Category.CREDENTIAL, "14 days", "carries a form's steps before signing in; goes with it"
    ),
    BrowserValue("csrftoken", "cookie", Category.SECURITY, "a year", "shows that a form came from our own pages"),
    BrowserValue("messages", "cookie", Category.TECHNICAL, "until shown", "a sentence about what was just done"),
    BrowserValue(
        "theme", "localStorage", Category.SETTING, "until changed or signed out", "light, dark or as the system"
    ),
)
