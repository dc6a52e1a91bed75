"""Items with several labels: an ordinary project for each label, and files about all of them."""
