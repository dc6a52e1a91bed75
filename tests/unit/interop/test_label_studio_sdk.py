"""Label Studio's own validators on what is written for it. They pin numpy, so they run in an environment of their own.

python -m venv DIR; DIR/bin/pip install label-studio-sdk; WSAL_LABEL_STUDIO_PYTHON=DIR/bin/python pytest …
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from wsal.interop import FORMATS

SCRIPT = Path(__file__).with_name("label_studio_says.py")


@pytest.fixture(scope="module")
def python():
    named = os.environ.get("WSAL_LABEL_STUDIO_PYTHON")
    if not named:
        pytest.skip("WSAL_LABEL_STUDIO_PYTHON does not name an interpreter with label-studio-sdk")
    return named


def validated(python, config, tasks):
    # its own environment: nothing of this one's may be imported there
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        [python, str(SCRIPT), str(config), str(tasks)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_label_studio_takes_tasks_predictions_annotations_and_the_interface(python, made, tmp_path):
    FORMATS["label-studio"].write(made, tmp_path / "tasks.json")
    FORMATS["label-studio-config"].write(made, tmp_path / "config.xml")
    said = validated(python, tmp_path / "config.xml", tmp_path / "tasks.json")
    assert said == {"predictions": 3, "annotations": 4}


def test_label_studio_takes_sets_of_labels(python, sets, tmp_path):
    FORMATS["label-studio"].write(sets, tmp_path / "tasks.json")
    FORMATS["label-studio-config"].write(sets, tmp_path / "config.xml")
    said = validated(python, tmp_path / "config.xml", tmp_path / "tasks.json")
    assert said == {"predictions": 3, "annotations": 4}


def test_label_studio_takes_spans(python, tmp_path):
    from wsal.spans import LabelledSpan, write_spans

    (tmp_path / "config.xml").write_text(
        '<View><Labels name="label" toName="text"><Label value="ORG"/><Label value="PLACE"/></Labels>'
        '<Text name="text" value="$text"/></View>'
    )
    spans = [LabelledSpan(0, 0, 4, "ORG", 0.7, "rules"), LabelledSpan(0, 8, 12, "PLACE", 0.6, "human")]
    write_spans(
        tmp_path / "t.json",
        ["a", "b"],
        ["Acme in York", "Nothing"],
        spans,
        format_="label-studio",
        run="fit-1",
    )
    said = validated(python, tmp_path / "config.xml", tmp_path / "t.json")
    assert said == {"predictions": 2, "annotations": 0}
