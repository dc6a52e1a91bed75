"""A change of mind about the classes: the settings, the answers and rules, and runs of before and after it."""
