"""What billing holds: a financial trail of anonymous accounts, and the one row that says whose an account is."""

from billing.models import LONG_FIELDS, RATE_FIELDS
from caicaini.personal_data import Category, Purpose, Retention, Table, kept, technical

TRAIL = "the law requires the financial trail; once the link is cut, no row says whose it was"
OWNER = "account__link__user"


def _trail(model: str, subject: str, pointers: str, amounts: str, usage: str = "") -> Table:
    """Declare a table that outlives the person: its rows hang from the anonymous account."""
    return Table(
        model=model,
        subject=subject,
        purpose=Purpose.BILLING,
        retention=Retention.LEDGER,
        columns={
            **{name: kept(Category.TECHNICAL, TRAIL, export=False) for name in pointers.split()},
            **{name: kept(Category.PAYMENT, TRAIL) for name in amounts.split()},
            **{name: kept(Category.USAGE, TRAIL) for name in usage.split()},
        },
    )


DATA_MAP = (
    _trail("billing.LedgerAccount", "link__user", "id uuid", "available held opened_at"),
    Table(
        model="billing.AccountLink",
        subject="user",
        purpose=Purpose.BILLING,
        retention=Retention.ACCOUNT,
        columns={name: technical() for name in ("id", "user", "account")},  # deleting this row is the cut
    ),
    _trail("billing.LedgerEntry", OWNER, "id uuid account price retain_until", "kind amount run note created_at"),
    _trail("billing.Hold", OWNER, "id account price", "run amount state placed_at ended_at"),
    _trail(
        "billing.UsageRecord",
        OWNER,
        "id uuid account price retain_until",
        "run amount house_loss rule created_at",
        "model provider input_tokens cached_tokens cache_write_tokens output_tokens first_token_ms total_ms "
        "usage_source error_code",
    ),
    _trail("billing.RefundRequest", OWNER, "id uuid account is_open", "state amount asked_at answered_at"),
    Table(
        model="billing.Price",
        subject=None,
        why="what models cost, for everybody",
        purpose=Purpose.BILLING,
        retention=Retention.FOREVER,
        columns={name: technical() for name in ("id", "model", "effective_at", *RATE_FIELDS, *LONG_FIELDS)},
    ),
)
