"""Second factors: the secrets sealed, codes used once, who needs one, and what to do when it is lost."""
