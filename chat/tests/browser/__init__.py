"""The product in a real browser: the whole application as processes, and people who use it."""
