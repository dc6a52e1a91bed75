"""The tables of a store as a database has them: their definitions, and the triggers that guard the ledger."""
