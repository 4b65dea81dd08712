"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, factor_receivers, receivers, sign_in_receivers  # noqa: F401  (these connect)
        from accounts.abuse import receivers as abuse_receivers  # noqa: F401
        from accounts.captcha import checks as captcha_checks  # noqa: F401  (registers the system checks)
        from accounts.outbox import checks as mail_checks  # noqa: F401
        from accounts.outbox import gauges as mail_gauges

        checks.leave_out_known()
        mail_gauges.register()
