"""New project folders: for one's own data, the small example, and the demo."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wsal.config import CONFIG_NAME, user_name
from wsal.errors import InputError, StoreError
from wsal.items import Items, read_items
from wsal.items.parts import LARGE, n_rows, read_parts
from wsal.types import LabelSpace, statements

__all__ = ["claim", "quoted", "write_demo", "write_example", "write_project", "write_wrench"]

_DEMO_MARK = "# made by `wsal demo`"

_STARTER_PACK = """\
# `wsal check` says what is wrong here, `wsal apply` lets the rules vote, `wsal rules` shows what they do.
# Every kind of condition: docs/how-to/write-a-rule-pack.md
wsal: 1
task: {task}
labels: {labels}
rules:
  - id: example           # replace this rule with your own
    label: {label}
    when: {when}
    why: An example of a rule; say here in a sentence why the condition means the label.
    author: {author}
"""


def write_project(
    folder: Path,
    *,
    data: Path,
    labels: Sequence[str],
    text: str | None = None,
    id_column: str | None = None,
    name: str | None = None,
    multi_label: bool = False,
) -> None:
    """Make a project folder for data that is elsewhere; the data is named, not copied.

    Raises
    ------
    InputError
        The folder holds a project already, the data cannot be read, or the labels are no labels.
    """
    space = LabelSpace(tuple(labels))
    if multi_label:
        statements(space)
    large = data.is_dir() or (data.suffix.lower() == ".parquet" and n_rows(data) >= LARGE)
    if large:
        items = read_parts(data, id_column=id_column, text=text).first_items()
    else:
        items = read_items(data, id_column=id_column, text=text)
    claim(folder)
    task = name or data.stem
    settings = [
        "[task]",
        f"name = {quoted(task)}",
        f"labels = [{', '.join(map(quoted, space))}]",
        *(["multi_label = true"] if multi_label else []),
        "",
        "[data]",
        f"path = {quoted(str(data.resolve()))}",
        *([f"id = {quoted(id_column)}"] if id_column else []),
        *([f"text = {quoted(text)}"] if text else []),
        "",
        *([] if large else _features(items, text)),
        "[rules]",
        'paths = ["labeling_functions"]',
        "",
    ]
    (folder / "labeling_functions").mkdir(exist_ok=True)
    (folder / CONFIG_NAME).write_text("\n".join(settings), encoding="utf-8")
    pack = folder / "labeling_functions" / "rules.yaml"
    if not pack.exists():
        pack.write_text(
            _STARTER_PACK.format(
                task=quoted(task),
                labels="[" + ", ".join(map(quoted, space)) + "]",
                label=quoted(space.names[0]),
                when=_example_condition(items, text),
                author=quoted(user_name()),
            ),
            encoding="utf-8",
        )


def write_example(folder: Path) -> None:
    """Make the small example: text messages, ham or spam, with a rule pack.

    Raises
    ------
    InputError
        The folder holds a project already.
    """
    claim(folder)
    shutil.copyfile(_bundled("examples/messages/messages.csv"), folder / "messages.csv")
    _copy_pack("messages", folder)
    settings = (
        '[task]\nname = "spam"\nlabels = ["ham", "spam"]\n\n'
        '[data]\npath = "messages.csv"   # or Parquet, JSONL\nid = "id"\ntext = "text"\n\n'
        '[rules]\npaths = ["labeling_functions"]\n'
    )
    (folder / CONFIG_NAME).write_text(settings, encoding="utf-8")


def write_wrench(folder: Path, source: Path) -> None:
    """Make a project of a WRENCH folder: its items, its weak labels as rules, and its gold labels beside them.

    Raises
    ------
    InputError
        The folder holds a project already, or the source is no WRENCH folder.
    """
    from wsal.interop.wrench import pack_of_columns, read_wrench

    made = read_wrench(source)
    claim(folder)
    made.items.to_parquet(folder / "items.parquet", index=False)
    made.gold.to_csv(folder / "gold.csv", index=False, lineterminator="\n")
    text = "text" if "text" in made.items.columns else None
    write_project(
        folder,
        data=folder / "items.parquet",
        labels=made.labels.names,
        text=text,
        id_column="id",
        name=source.resolve().name,
    )
    pack = folder / "labeling_functions" / "rules.yaml"
    pack.write_text(pack_of_columns(made, task=source.resolve().name), encoding="utf-8")


def write_demo(folder: Path, *, force: bool = False) -> dict[str, str]:
    """Make the demo project: 569 biopsies (scikit-learn's Wisconsin set) with a pathologist's rules.

    Parameters
    ----------
    folder : Path
    force : bool
        Replace an earlier demo; anything else is never replaced.

    Returns
    -------
    dict of str to str
        The gold label of each item, which no file of the project holds.

    Raises
    ------
    InputError
        The folder holds something already.
    """
    from sklearn.datasets import load_breast_cancer

    settings = folder / CONFIG_NAME
    if settings.exists() and settings.read_text(encoding="utf-8").startswith(_DEMO_MARK):
        if not force:
            raise InputError(
                f"{folder} holds an earlier demo", hint="replace it with --force, or name another --dir"
            )
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty and no demo", hint="name another --dir")
    claim(folder)
    data = load_breast_cancer(as_frame=True)
    frame = data.data.rename(columns=lambda name: str(name).replace(" ", "_"))
    frame.insert(0, "id", [f"b{i:03d}" for i in range(1, len(frame) + 1)])
    frame.to_csv(folder / "biopsies.csv", index=False)
    _copy_pack("tumours", folder)
    numeric = ", ".join(quoted(name) for name in frame.columns if name != "id")
    (folder / CONFIG_NAME).write_text(
        f"{_DEMO_MARK}; `wsal demo --force` replaces this folder\n"
        '[task]\nname = "tumours"\nlabels = ["benign", "malignant"]\n'
        'description = "Is the lump that this biopsy comes from benign or malignant?"\n\n'
        '[data]\npath = "biopsies.csv"\nid = "id"\n\n'
        f'[features]\nnumeric = [{numeric}]\n\n[rules]\npaths = ["labeling_functions"]\n',
        encoding="utf-8",
    )
    names = ["benign" if name == "benign" else "malignant" for name in data.target_names[data.target]]
    return dict(zip(frame["id"].tolist(), names, strict=True))


def claim(folder: Path) -> None:
    """Make the folder of a new project.

    Raises
    ------
    InputError
        It holds a project already.
    StoreError
        It cannot be made.
    """
    if (folder / CONFIG_NAME).exists():
        raise InputError(f"{folder} holds a project already", hint="name another folder")
    if (folder / ".wsal").exists():
        raise InputError(f"{folder}/.wsal is there, but no {CONFIG_NAME}", hint=f"put {CONFIG_NAME} back")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}") from error


def _copy_pack(name: str, folder: Path) -> None:
    shutil.copytree(
        _bundled(f"labeling_functions/{name}"),
        folder / "labeling_functions",
        ignore=shutil.ignore_patterns("__pycache__", "*.pyc"),
        dirs_exist_ok=True,
    )


def _example_condition(items: Items, text: str | None) -> str:
    """Write a condition that this data can answer: words of the text, a number above its middle, or an id."""
    if text is not None:
        return f"{{keywords: [a word, another word], field: {quoted(text)}}}"
    for name in _numeric_columns(items):
        numbers = sorted(cell for cell in items.column(name) if isinstance(cell, int | float))
        return f"{{number: {quoted(name)}, above: {numbers[len(numbers) // 2]:g}}}"
    first = quoted(str(items.item_ids[0]))
    return f"{{in_list: [{first}], field: {quoted(items.id_column or items.columns[0])}}}"


def _features(items: Items, text: str | None) -> list[str]:
    """Write the table of features for data without a text: its columns of numbers, or of vectors."""
    if text is not None:
        return []
    numeric = _numeric_columns(items)
    if numeric:
        return ["[features]", f"numeric = [{', '.join(map(quoted, numeric))}]", ""]
    vectors = [name for name in items.columns if _is_vector(items.column(name)[0])]
    return ["[features]", f"vectors = {quoted(vectors[0])}", ""] if vectors else []


def _numeric_columns(items: Items) -> list[str]:
    def numeric(name: str) -> bool:
        cells = [cell for cell in items.column(name) if cell is not None]
        return bool(cells) and all(isinstance(c, int | float) and not isinstance(c, bool) for c in cells)

    return [name for name in items.columns if name != items.id_column and numeric(name)]


def _is_vector(cell: object) -> bool:
    return isinstance(cell, Sequence | np.ndarray) and not isinstance(cell, str) and len(cell) > 0


def _bundled(name: str) -> Path:
    """Find a file that ships with wsal: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for root in (package / "_bundled", package.parent):
        if (root / name).exists():
            return root / name
    raise StoreError(f"this installation lacks {name}; install wsal again")


def quoted(text: str) -> str:
    """Write a text as a basic TOML string, which is also a YAML double-quoted text."""
    import json

    return json.dumps(text, ensure_ascii=False)
