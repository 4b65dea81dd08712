"""The background work of accounts: Celery looks for tasks here, so those of its packages are named here."""

from accounts.outbox.tasks import forget_old_mail, send_due_mail, send_mail

__all__ = ["forget_old_mail", "send_due_mail", "send_mail"]
