"""The ledger: events appended to the chain, what is projected from them, and both read back; people's words apart."""
