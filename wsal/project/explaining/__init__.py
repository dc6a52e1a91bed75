"""Why an item has its label, what changed it from run to run, and what hangs on a rule."""
