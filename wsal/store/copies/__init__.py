"""Copies of a store: backups, and moving to another database."""
