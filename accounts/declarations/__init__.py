"""What each topic of accounts holds about people; `accounts.data_map` puts it together."""
