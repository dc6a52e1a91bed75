# The appliers: plain objects, faults that are tolerated and counted, duplicated ids and an index that is no range.
from types import SimpleNamespace

import numpy as np
import pandas as pd

from wsal.interop.snorkel import LabelingFunction, LFApplier, PandasLFApplier, labeling_function


@labeling_function()
def big(x):
    return 1 if x.num > 42 else 0


@labeling_function()
def fragile(x):
    return {3: 1, 7: -1}[x.num]


def at_least(limit):
    return LabelingFunction(name=f"at_least_{limit}", f=_at_least, resources={"limit": limit})


def _at_least(x, limit):
    return 2 if x.num >= limit else -1


lfs = [big, fragile, at_least(5), at_least(100)]
numbers = [0, 3, 43, 100, 7]
points = [SimpleNamespace(num=number) for number in numbers]
frame = pd.DataFrame({"id": [1, 1, 2, 2, 2], "num": numbers}, index=[9, 7, 5, 5, 1])
L_points, meta_points = LFApplier(lfs).apply(
    points, progress_bar=False, fault_tolerant=True, return_meta=True
)
L_frame, meta_frame = PandasLFApplier(lfs).apply(
    frame, progress_bar=False, fault_tolerant=True, return_meta=True
)
arrays = LFApplier([labeling_function(name="sum")(lambda x: int(x.sum() > 2))]).apply(
    np.array([[1, 1], [2, 2]]), progress_bar=False
)

results = {
    "points": L_points.tolist(),
    "frame": L_frame.tolist(),
    "faults": [dict(meta_points.faults), dict(meta_frame.faults)],
    "arrays": arrays.tolist(),
    "names": [lf.name for lf in lfs],
    "repr": repr(big),
    "call": [big(points[2]), lfs[2](points[0])],
}
