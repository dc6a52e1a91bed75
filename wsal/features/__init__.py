"""Features: from items to the rows of numbers that classifiers and the selector read.

TF-IDF of text, standardised numbers, or vectors made elsewhere; by column, as the settings name them.
"""

from wsal.features.build import FeatureSettings, ItemTable, build_features
from wsal.features.matrix import FeatureMatrix, Features, as_feature_matrix, stack_features
from wsal.features.numeric import numeric_features
from wsal.features.text import text_features
from wsal.features.vectors import vector_features

__all__ = [
    "FeatureMatrix",
    "FeatureSettings",
    "Features",
    "ItemTable",
    "as_feature_matrix",
    "build_features",
    "numeric_features",
    "stack_features",
    "text_features",
    "vector_features",
]
