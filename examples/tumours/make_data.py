"""Write biopsies.csv and gold.csv from scikit-learn's bundled Wisconsin breast cancer set.

``python make_data.py [DIR]`` writes the two files into DIR (by default the folder of this script). The data
travels inside scikit-learn; nothing is downloaded.
"""

from __future__ import annotations

import sys
from pathlib import Path


def write_biopsies(folder: Path) -> tuple[Path, Path]:
    """Write the items and, in a file of its own, the true labels.

    Parameters
    ----------
    folder : Path
        Made where it is missing.

    Returns
    -------
    tuple of Path
        ``biopsies.csv`` (id and 30 measurements) and ``gold.csv`` (id, label).
    """
    from sklearn.datasets import load_breast_cancer

    source = load_breast_cancer(as_frame=True)
    ids = [f"biopsy-{number:03d}" for number in range(1, len(source.data) + 1)]
    biopsies = source.data.rename(columns=lambda name: name.replace(" ", "_"))
    biopsies.insert(0, "id", ids)
    # scikit-learn codes malignant as 0 and benign as 1; names leave no doubt.
    gold = source.target.map(dict(enumerate(source.target_names))).to_frame("label")
    gold.insert(0, "id", ids)
    folder.mkdir(parents=True, exist_ok=True)
    items_file, gold_file = folder / "biopsies.csv", folder / "gold.csv"
    biopsies.to_csv(items_file, index=False, lineterminator="\n")
    gold.to_csv(gold_file, index=False, lineterminator="\n")
    return items_file, gold_file


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for written in write_biopsies(target):
        print(written)
