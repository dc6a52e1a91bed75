"""`wsal train`: an end model on the labels of a project, judged by items that had no part in it."""
