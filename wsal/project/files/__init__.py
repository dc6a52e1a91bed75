"""What goes into a project as a file and comes out as one: answers, labels with their description, spans."""
