"""What people may use and what it cost: prices, the ledger, holds and receipts."""
