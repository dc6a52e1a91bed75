"""Features: from items to the rows of numbers that classifiers and the selector read.

TF-IDF of text, standardised numbers, or vectors made elsewhere; by column, as the settings name them. Which
items are copies of each other: `wsal.features.duplicates`.
"""

from wsal.features.build import FeatureSettings, ItemTable, build_features
from wsal.features.duplicates import DuplicateGroups, DuplicateSettings, find_duplicates
from wsal.features.encoder import FeatureEncoder
from wsal.features.matrix import FeatureMatrix, Features, as_feature_matrix, stack_features
from wsal.features.numeric import numeric_features
from wsal.features.text import text_features
from wsal.features.transformations import (
    ApplyAllPolicy,
    ApplyOnePolicy,
    Origin,
    Policy,
    RandomPolicy,
    SyntheticItems,
    TransformationFunction,
    augment,
    transformation_function,
)
from wsal.features.vectors import vector_features

__all__ = [
    "ApplyAllPolicy",
    "ApplyOnePolicy",
    "DuplicateGroups",
    "DuplicateSettings",
    "FeatureEncoder",
    "FeatureMatrix",
    "FeatureSettings",
    "Features",
    "ItemTable",
    "Origin",
    "Policy",
    "RandomPolicy",
    "SyntheticItems",
    "TransformationFunction",
    "as_feature_matrix",
    "augment",
    "build_features",
    "find_duplicates",
    "numeric_features",
    "stack_features",
    "text_features",
    "transformation_function",
    "vector_features",
]
