"""WRENCH: a folder of splits with gold labels and weak labels, made into a project, and written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wsal.errors import DataError, InputError, Location
from wsal.interop.exchange import (
    ID_KEY,
)
from wsal.interop.json_records import parse_json
from wsal.interop.outgoing import LabelledItems
from wsal.items.raw import decode
from wsal.types import ABSTAIN, LabelSpace, is_missing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WrenchFolder", "pack_of_columns", "read_wrench", "write_wrench"]

_SPLITS: Final = ("train", "valid", "test")


@dataclass(frozen=True, eq=False)
class WrenchFolder:
    """What a WRENCH folder holds.

    Parameters
    ----------
    items : DataFrame
        ``id`` (split and number), ``split``, the fields of ``data``, and a column for each labelling function with
        names of classes, empty where it abstains.
    gold : DataFrame
        ``id, label`` of the items whose class is known.
    labels : LabelSpace
    lf_columns : tuple of str
    """

    items: pd.DataFrame
    gold: pd.DataFrame
    labels: LabelSpace
    lf_columns: tuple[str, ...]


def read_wrench(folder: Path) -> WrenchFolder:
    """Read ``label.json`` and the splits that are there: ``train.json``, ``valid.json``, ``test.json``.

    Raises
    ------
    DataError
        A file is missing or no such split; a label that ``label.json`` does not have; items with different numbers of
        weak labels. With file and item.
    """
    import pandas as pd

    names = _object(folder / "label.json")
    labels = LabelSpace(tuple(str(names[key]) for key in sorted(names, key=_number(folder / "label.json"))))
    splits = [split for split in _SPLITS if (folder / f"{split}.json").is_file()]
    if not splits:
        raise DataError(
            f"{folder} has none of {', '.join(f'{s}.json' for s in _SPLITS)}", hint="name a WRENCH folder"
        )
    rows, gold, n_lfs = [], [], -1
    for split in splits:
        for row, label, votes in _items(folder / f"{split}.json", split, labels):
            n_lfs = len(votes) if n_lfs < 0 else n_lfs
            if len(votes) != n_lfs:
                raise DataError(
                    f"item {row['id']!r} has {len(votes)} weak labels, others {n_lfs}",
                    location=Location(str(folder / f"{split}.json")),
                )
            rows.append(row | {f"lf_{j}": vote for j, vote in enumerate(votes)})
            if label is not None:
                gold.append((row["id"], label))
    if not rows:
        raise DataError(f"the splits in {folder} hold no items")
    columns = tuple(f"lf_{j}" for j in range(n_lfs))
    return WrenchFolder(pd.DataFrame(rows), pd.DataFrame(gold, columns=["id", "label"]), labels, columns)


def pack_of_columns(made: WrenchFolder, *, task: str) -> str:
    """Return a rule pack in which each column of weak labels is a rule."""
    from ruamel.yaml import YAML

    rules = [
        {
            "id": name,
            "when": {"column": name},
            "why": f"labelling function {name} as it came with the dataset",
        }
        for name in made.lf_columns
    ]
    out = StringIO()
    YAML().dump({"wsal": 1, "task": task, "labels": list(made.labels), "rules": rules}, out)
    return out.getvalue()


def write_wrench(made: LabelledItems, folder: Path) -> None:
    """Write ``label.json`` and a file a split; all items are ``train`` where no column ``split`` says otherwise.

    ``label`` is what people answered, -1 where nobody did: labels that rules made are no gold.

    Raises
    ------
    InputError
        The votes of the rules are not at hand.
    """
    votes = made.votes
    if votes is None:
        raise InputError("a WRENCH folder holds votes, and there are none", hint="run `wsal apply` first")
    splits: dict[str, dict[str, Any]] = {split: {} for split in _SPLITS}
    for row, item in enumerate(made.ids):
        fields = {name: cell for name, cell in made.fields(row).items() if name not in votes.lf_names}
        split = fields.pop("split", "train")
        own = splits[split if split in splits else "train"]
        answered = str(made.soft.sources[row]) == "human" and made.hard[row] is not None
        own[str(len(own))] = {
            "label": made.labels.index(str(made.hard[row])) if answered else ABSTAIN,
            "weak_labels": votes.values[votes.row_of(item)].tolist(),
            "data": fields | {ID_KEY: str(item)},
        }
    _write_json(folder / "label.json", {str(y): name for y, name in enumerate(made.labels)})
    for split, own in splits.items():
        if own:
            _write_json(folder / f"{split}.json", own)


def _write_json(path: Path, tree: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(tree, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _items(
    path: Path, split: str, labels: LabelSpace
) -> Iterator[tuple[dict[str, Any], str | None, Sequence[str | None]]]:
    """Yield the cells, the true class and the votes of each item of a split, in the order of their numbers."""
    content = _object(path)
    for key in sorted(content, key=_number(path)):
        item, where = content[key], f"item {key!r}"
        if not isinstance(item, Mapping) or not isinstance(item.get("weak_labels"), list):
            raise DataError(
                f"{where} has no list of weak_labels",
                location=Location(str(path)),
                hint='an item is {"label": 1, "weak_labels": [-1, 1], "data": {"text": "…"}}',
            )
        fields = item.get("data")
        cells = _cells(fields if isinstance(fields, Mapping) else {"text": fields})
        votes = [_name(vote, labels, f"{where}: the weak label", path) for vote in item["weak_labels"]]
        truth = _name(item.get("label", ABSTAIN), labels, f"{where}: the label", path)
        yield {"id": f"{split}-{key}", "split": split} | cells, truth, votes


def _cells(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as columns: texts and numbers as they are, lists of numbers as vectors, the rest as JSON."""
    taken = {"id": "data_id", "split": "data_split"}

    def cell(value: Any) -> Any:  # noqa: ANN401  # any JSON
        vector = isinstance(value, list) and all(isinstance(one, int | float) for one in value)
        return (
            value if vector or not isinstance(value, list | dict) else json.dumps(value, ensure_ascii=False)
        )

    return {taken.get(name, name): cell(value) for name, value in fields.items()}


def _name(value: object, labels: LabelSpace, what: str, path: Path) -> str | None:
    if value == ABSTAIN or is_missing(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(labels):
        return labels.name(value)
    raise DataError(
        f"{what} is {value!r}, and label.json has the classes 0 to {len(labels) - 1}",
        location=Location(str(path)),
        hint="-1 is none",
    )


def _object(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise DataError(f"there is no file {path}", hint="a WRENCH folder has label.json and train.json")
    content = parse_json(decode(path, str(path)), path)
    if not isinstance(content, dict):
        raise DataError(f"{path} is no object but a {type(content).__name__}", location=Location(str(path)))
    return content


def _number(path: Path) -> Any:  # noqa: ANN401  # a sort key
    def number(key: str) -> int:
        if not (key.isascii() and key.isdecimal()):
            raise DataError(f"the key {key!r} is no number", location=Location(str(path)))
        return int(key)

    return number
