"""The rules of a project: as they are loaded, read, written and tried, and what became of their versions."""
