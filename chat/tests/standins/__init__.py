"""Vendors as real servers on loopback, strict about what they are sent and able to fail in every way that is known."""
