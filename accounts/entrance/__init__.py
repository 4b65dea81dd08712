"""The doors: signing up, confirming an address, signing in, and a new password for who forgot theirs."""
