"""The published regexes of two datasets, as a rule pack, give the votes that were shipped with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

import wsal


def write_pack(meta: dict, path: Path) -> Path:
    """Write Python regexes (`re.search`, case as it stands) as rules."""
    rules = [
        {"id": f"lf_{j}", "label": label, "when": {"regex": pattern, "case": "exact"}}
        for j, (pattern, label) in enumerate(zip(meta["lf_names"], meta["lf_class_name"], strict=True))
    ]
    with path.open("w", encoding="utf-8") as file:
        YAML().dump({"wsal": 1, "task": meta["name"], "labels": meta["class_names"], "rules": rules}, file)
    return path


@pytest.mark.parametrize(("name", "n_rules"), [("sms", 73), ("trec", 68)])
def test_published_regexes_give_the_shipped_votes_on_every_split(
    name, n_rules, shared_data, shared_folder, tmp_path
):
    meta = json.loads((shared_folder(name) / "meta.json").read_text(encoding="utf-8"))
    rules = wsal.load_rules(write_pack(meta, tmp_path / "pack.yaml"))
    assert len(rules) == n_rules
    for split in ("train", "valid", "test"):
        frame = shared_data(name, split)
        votes = wsal.apply(rules, frame)
        shipped = frame[[f"lf_{j}" for j in range(n_rules)]].to_numpy()
        assert np.array_equal(votes.to_numpy(), shipped), f"{name} {split}"
        assert votes.labels.names == tuple(meta["class_names"])
        assert votes.item_ids.tolist() == frame["id"].tolist()
