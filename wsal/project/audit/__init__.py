"""What an auditor asks of a project: where labels come from, old runs computed again, seals, and names left behind."""
