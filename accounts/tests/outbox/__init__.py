"""The outbox: posting, sending by real SMTP, refusals, and what is left of a mail."""
