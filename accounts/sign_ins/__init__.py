"""Sign-ins: tokens that rotate, the session behind them, who is there; below everything that asks for a person."""
