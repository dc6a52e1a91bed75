"""What people who work at once in the workbench need beside the ledger: accounts, and leases on items."""
