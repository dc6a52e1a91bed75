"""Run by the interpreter that has label-studio-sdk: write how many objects its validators take, or what they refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(config: Path, tasks: Path) -> None:
    """Validate an interface, and the predictions and annotations of tasks."""
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface(config.read_text(encoding="utf-8"))
    interface.validate()
    counts = {"predictions": 0, "annotations": 0}
    for task in json.loads(tasks.read_text(encoding="utf-8")):
        for prediction in task["predictions"]:
            errors = interface.validate_prediction(prediction, return_errors=True)
            assert not errors, (prediction, errors)
            counts["predictions"] += 1
        for annotation in task.get("annotations", []):
            assert interface.validate_annotation(annotation), annotation
            counts["annotations"] += 1
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
