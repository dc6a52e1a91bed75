"""Run the walk-throughs of examples/snorkel with the real Snorkel; golden.json is what they compute.

Needs ``wsal[snorkel]``.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples"
WALKS = ("appliers", "crowd", "slices", "spam")

# Where Snorkel keeps what the walk-throughs import from one place.
PLACES = {
    "snorkel.labeling": (
        "LabelingFunction",
        "LFAnalysis",
        "LFApplier",
        "PandasLFApplier",
        "filter_unlabeled_dataframe",
        "labeling_function",
    ),
    "snorkel.labeling.lf.nlp": ("nlp_labeling_function",),
    "snorkel.labeling.model": ("LabelModel", "MajorityClassVoter", "MajorityLabelVoter"),
    "snorkel.preprocess": ("preprocessor",),
    "snorkel.slicing": ("PandasSFApplier", "slicing_function"),
    "snorkel.slicing.monitor": ("slice_dataframe",),
    "snorkel.utils": ("preds_to_probs", "probs_to_preds"),
    "snorkel.analysis": ("get_label_buckets", "get_label_instances"),
}


def walk(name: str, source: str = "wsal.interop.snorkel") -> Any:
    """Run a walk-through in a folder of its own, with the import line as given, and return its results."""
    text = (
        (EXAMPLES / "snorkel" / f"{name}.py")
        .read_text(encoding="utf-8")
        .replace("wsal.interop.snorkel", source)
    )
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for file in (EXAMPLES / "messages").glob("*.csv"):
            shutil.copy(file, folder)
        os.chdir(folder)
        try:
            space: dict[str, Any] = {"__name__": name}
            exec(compile(text, f"{name}.py", "exec"), space)  # noqa: S102  # our own walk-through
        finally:
            os.chdir(before)
    return json.loads(json.dumps(space["results"], default=_plain))


def walk_with_snorkel(name: str) -> Any:
    """Run a walk-through with the real Snorkel."""
    module = ModuleType("all_of_snorkel")
    for place, names in PLACES.items():
        for one in names:
            setattr(module, one, getattr(importlib.import_module(place), one))
    sys.modules[module.__name__] = module
    try:
        return walk(name, module.__name__)
    finally:
        del sys.modules[module.__name__]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else list(value)


if __name__ == "__main__":
    golden = {name: walk_with_snorkel(name) for name in WALKS}
    (HERE / "golden.json").write_text(
        json.dumps(golden, indent=None, sort_keys=True) + "\n", encoding="utf-8"
    )
