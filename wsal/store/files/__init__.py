"""Files of a store, written at once or not at all: votes, labels, models and items, and those that the ledger names."""
