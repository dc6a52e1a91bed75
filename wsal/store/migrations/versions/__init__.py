"""One module a revision, oldest first. A revision that has shipped is never edited."""
