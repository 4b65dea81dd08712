"""What the kernel and Django's own tables hold."""

from caicaini import logs
from caicaini.personal_data import Category, Column, Erasure, LogKey, Purpose, Retention, Table, kept, technical

CHAIN = "the audit chain breaks if a link is changed; it holds only public ids, codes and counts"

DATA_MAP = (
    Table(
        model="caicaini.WrappedKey",
        subject=None,
        why="an encrypted random number; the row is found by the uuid of what it encrypts",
        purpose=Purpose.CHAT,
        retention=Retention.KEY,
        columns={name: technical() for name in ("owner", "wrapping_key", "wrapped", "created_at")},
    ),
    Table(
        model="caicaini.JobSlot",
        subject=None,
        why="times and counts of scheduled jobs",
        purpose=Purpose.OPERATIONS,
        retention=Retention.JOBS,
        columns={name: technical() for name in ("id", "job", "slot", "claimed_at", "finished_at", "count")},
    ),
    Table(
        model="caicaini.AuditEvent",
        subject=None,
        why="names people by their public uuid only, which means nothing once the account is erased",
        purpose=Purpose.SECURITY,
        retention=Retention.AUDIT,
        columns={
            "actor": kept(Category.STAFF, CHAIN, export=False),
            "subject": kept(Category.SECURITY, CHAIN, export=False),
            **{
                name: technical(erase=Erasure.KEEP, why=CHAIN)
                for name in (
                    "id",
                    "sequence",
                    "at",
                    "action",
                    "subject_type",
                    "facts",
                    "previous_hash",
                    "hash",
                    "retain_until",
                )
            },
        },
    ),
    Table(
        model="sessions.Session",
        subject=None,
        why="signed data names the person by id and by what was typed to sign in; gone at sign-out, closure, expiry",
        purpose=Purpose.SECURITY,
        retention=Retention.SESSION,
        columns={
            "session_key": Column(Category.CREDENTIAL),
            "session_data": Column(Category.SECURITY),
            "expire_date": technical(),
        },
    ),
    Table(
        model="admin.LogEntry",
        subject="user",
        purpose=Purpose.SECURITY,
        retention=Retention.AUDIT,
        columns={
            "user": Column(Category.STAFF),
            **{
                name: technical()
                for name in (
                    "id",
                    "action_time",
                    "content_type",
                    "object_id",
                    "object_repr",
                    "action_flag",
                    "change_message",
                )
            },
        },
    ),
    *(
        Table(
            model=model,
            subject=None,
            why="names of tables and rights of staff roles, no person",
            purpose=Purpose.OPERATIONS,
            retention=Retention.FOREVER,
            columns={name: technical() for name in columns},
        )
        for model, columns in {
            "auth.Permission": ("id", "name", "content_type", "codename"),
            "auth.Group": ("id", "name"),
            "auth.Group_permissions": ("id", "group", "permission"),
            "contenttypes.ContentType": ("id", "app_label", "model"),
        }.items()
    ),
    *(LogKey(name, Category.TECHNICAL) for name in sorted(logs.ALLOWED_KEYS)),
)
