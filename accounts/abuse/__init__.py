"""Misuse: what points to it is counted, a person judges it, and whoever is limited learns why and may object."""

from accounts.abuse.signals import signal
from accounts.models import SignalKind

__all__ = ["SignalKind", "signal"]
