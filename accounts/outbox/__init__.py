"""Transactional mail: `post` stores one in the caller's transaction, and the worker sends it."""

from accounts.outbox.posting import post

__all__ = ["post"]
