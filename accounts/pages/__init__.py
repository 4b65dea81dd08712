"""The account's own pages: profile, what is kept, closing."""
