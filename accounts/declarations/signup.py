"""What remains of a sign-up, and what the check that somebody is a person needs."""

from caicaini.personal_data import CacheKey, Category, Column, OutboundHost, Purpose, Retention, Table, technical

DECLARATIONS = (
    Table(
        model="accounts.Acceptance",
        subject="user",
        purpose=Purpose.LEGAL,
        retention=Retention.ACCOUNT,
        columns={
            "id": technical(),
            "user": technical(),
            "document": Column(Category.SETTING, export=True),
            "version": Column(Category.SETTING, export=True),
            "at": Column(Category.SETTING, export=True),
        },
    ),
    Table(
        model="accounts.SignupSignal",
        subject="user",
        purpose=Purpose.ABUSE,
        retention=Retention.SIGNUP,
        columns={
            "id": technical(),
            "uuid": technical(),
            "user": technical(),
            "key": technical(),
            "sealed": Column(Category.SECURITY, export=True, encrypted=True),
            "network_mark": Column(Category.SECURITY),
            "browser_mark": Column(Category.SECURITY),
            "created_at": Column(Category.SECURITY, export=True),
        },
    ),
    CacheKey("captcha:spent:*", Category.TECHNICAL, 3_600, "hashes of used answers, so that none counts twice"),
    OutboundHost(
        "Cloudflare Turnstile",
        "TURNSTILE_VERIFY_URL",
        "from us its own script's answer and no name; the script itself sees the visitor's network address",
        Purpose.SECURITY,
    ),
)
