"""What makes a run of `apply` or `fit`, what is kept of it, and where it leaves the project."""
