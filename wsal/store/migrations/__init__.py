"""Alembic revisions of the store's schema, run by `wsal.store.schema` (there is no ``alembic.ini``)."""
