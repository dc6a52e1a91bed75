"""What people are asked, and what they answer: from draws to tasks, second looks, and the people themselves."""
