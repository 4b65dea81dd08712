"""Sign-ins and their tokens."""

from caicaini.personal_data import BrowserValue, CacheKey, Category, Column, Purpose, Retention, Table, technical

SECURITY = Column(Category.SECURITY, export=True)

DECLARATIONS = (
    Table(
        model="accounts.TokenFamily",
        subject="user",
        purpose=Purpose.SECURITY,
        retention=Retention.SESSION,
        public_id="uuid",
        columns={
            "id": technical(),
            "uuid": technical(),
            "user": technical(),
            "kind": SECURITY,
            "session_key": Column(Category.CREDENTIAL),
            "mark": Column(Category.CREDENTIAL),
            "browser": SECURITY,
            "system": SECURITY,
            "is_lasting": SECURITY,
            "began_at": SECURITY,
            "seen_at": SECURITY,
            "expires_at": SECURITY,
            "ended_at": SECURITY,
            "end": SECURITY,
        },
    ),
    Table(
        model="accounts.RefreshToken",
        subject="family__user",
        purpose=Purpose.SECURITY,
        retention=Retention.SESSION,
        columns={
            "id": technical(),
            "family": technical(),
            "live_of": technical(),
            "digest": Column(Category.CREDENTIAL),
            "predecessor": technical(),
            "expires_at": technical(),
            "used_at": technical(),
        },
    ),
    CacheKey(
        "refresh-guesses:*", Category.SECURITY, 60, "guesses at tokens per keyed hash of an address, with a daily key"
    ),
    BrowserValue("access", "cookie", Category.CREDENTIAL, "5 minutes", "says who is signed in; scripts cannot read it"),
    BrowserValue(
        "refresh", "cookie", Category.CREDENTIAL, "14 days", "is exchanged for the next one and a new access, once"
    ),
)
