"""Which table lives where: the wrapped keys in the vault, everything else in the main database."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

VAULT_MODELS = frozenset({("caicaini", "wrappedkey")})


def _is_vaulted(model: type[Model]) -> bool:
    return (model._meta.app_label, str(model._meta.model_name)) in VAULT_MODELS


class VaultRouter:
    """Keeps the two databases apart in both directions."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        return "vault" if _is_vaulted(model) else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_hints: Any) -> bool:
        return (db == "vault") == ((app_label, model_name or "") in VAULT_MODELS)
