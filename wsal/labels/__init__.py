"""What is said about items: `HumanLabels`, answers of people, and `SoftLabels`, probabilities of classes."""

from wsal.labels.human import HumanLabels
from wsal.labels.soft import SoftLabels, Source, TiePolicy, UncoveredPolicy, hard_labels

__all__ = ["HumanLabels", "SoftLabels", "Source", "TiePolicy", "UncoveredPolicy", "hard_labels"]
