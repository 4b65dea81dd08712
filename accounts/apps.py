"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, receivers  # noqa: F401  (the latter connects itself)
        from accounts.abuse import receivers as abuse_receivers  # noqa: F401
        from accounts.outbox import checks as mail_checks  # noqa: F401  (registers the system checks)
        from accounts.outbox import gauges as mail_gauges

        checks.leave_out_known()
        mail_gauges.register()
