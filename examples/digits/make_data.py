"""Write images.parquet and gold.csv from scikit-learn's bundled digits: 1,797 real images of handwriting.

``python make_data.py [DIR]`` writes the two files into DIR (by default the folder of this script). The data
travels inside scikit-learn; nothing is downloaded. Beside its 64 pixels every image gets some measurements that a
person can name, for rules to read.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

LABELS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DARK = 6
"""Of 16: a pixel with so much ink belongs to the stroke."""


def measure(image: np.ndarray) -> dict[str, float]:
    """Measure one image of shape (8, 8), ink from 0 to 16.

    Returns
    -------
    dict of str to float
        ``holes``: regions that the stroke encloses. ``hole_row``: mean row of their pixels, 0 at the top to
        7; -1 without any. ``left_right``, ``up_down``: how alike an image and its mirror image are
        (correlation). ``top``, ``left``: share of the ink in that half. ``middle``: share in the two middle
        rows. ``width``: columns that hold part of the stroke. ``top_width``, ``bottom_width``: from the first
        to the last dark pixel in its first and in its last row. ``core``: ink in the four middle pixels, 0 to 1.
    """
    from scipy.ndimage import label

    ink = float(image.sum())
    stroke = image >= DARK
    empty, n = label(np.pad(~stroke, 1, constant_values=True))
    empty = empty[1:-1, 1:-1]
    outside = 1  # the frame is the first region that is found
    inner = (empty > 0) & (empty != outside)
    rows = np.flatnonzero(stroke.any(axis=1))
    columns = np.flatnonzero(stroke.any(axis=0))
    return {
        "holes": float(n - 1),
        "hole_row": float(np.nonzero(inner)[0].mean()) if inner.any() else -1.0,
        "left_right": float(np.corrcoef(image.ravel(), image[:, ::-1].ravel())[0, 1]),
        "up_down": float(np.corrcoef(image.ravel(), image[::-1].ravel())[0, 1]),
        "top": float(image[:4].sum()) / ink,
        "left": float(image[:, :4].sum()) / ink,
        "middle": float(image[3:5].sum()) / ink,
        "width": float(len(columns)),
        "top_width": float(_span(stroke[rows[0]])),
        "bottom_width": float(_span(stroke[rows[-1]])),
        "core": float(image[3:5, 3:5].mean()) / 16,
    }


def _span(row: np.ndarray) -> int:
    dark = np.flatnonzero(row)
    return int(dark[-1] - dark[0] + 1)


def write_digits(folder: Path) -> tuple[Path, Path]:
    """Write the items and, in a file of its own, the true labels.

    Parameters
    ----------
    folder : Path
        Made where it is missing.

    Returns
    -------
    tuple of Path
        ``images.parquet`` (id, measurements, 64 pixels with ink from 0 to 1) and ``gold.csv`` (id, label).
    """
    import pandas as pd
    from sklearn.datasets import load_digits

    source = load_digits()
    ids = [f"digit-{number:04d}" for number in range(1, len(source.images) + 1)]
    items = pd.DataFrame([measure(image) for image in source.images]).round(4)
    items.insert(0, "id", ids)
    items["pixels"] = list(source.data / 16)
    gold = pd.DataFrame({"id": ids, "label": [LABELS[digit] for digit in source.target]})
    folder.mkdir(parents=True, exist_ok=True)
    items_file, gold_file = folder / "images.parquet", folder / "gold.csv"
    items.to_parquet(items_file, index=False)
    gold.to_csv(gold_file, index=False, lineterminator="\n")
    return items_file, gold_file


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for written in write_digits(target):
        print(written)
