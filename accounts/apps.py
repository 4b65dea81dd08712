"""The accounts app."""

from importlib import import_module

from django.apps import AppConfig

# Modules whose receivers and system checks are known once they are imported.
CONNECTED = (
    *("receivers", "sign_ins.receivers", "factor_receivers", "abuse.receivers"),
    *("captcha.checks", "outbox.checks"),
)


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks
        from accounts.outbox import gauges

        for module in CONNECTED:
            import_module(f"accounts.{module}")
        checks.leave_out_known()
        gauges.register()
