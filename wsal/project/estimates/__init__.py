"""How good rules, people's answers and labels are, from draws of known propensity; and what that takes."""
