"""The command line: one module a verb, wiring `wsal.project.Project` to a terminal."""
