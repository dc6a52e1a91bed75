# Workers of a crowd as labelling functions made in a loop, three classes, baselines, and where labels meet.
import numpy as np
import pandas as pd

from wsal.interop.snorkel import (
    LabelingFunction,
    LFAnalysis,
    MajorityClassVoter,
    MajorityLabelVoter,
    PandasLFApplier,
    get_label_buckets,
    get_label_instances,
    preds_to_probs,
    probs_to_preds,
)

rng = np.random.default_rng(7)
truth = rng.integers(0, 3, 60)
said = {
    f"worker_{w}": {
        int(item): int(truth[item]) if rng.random() < 0.7 else int(rng.integers(0, 3))
        for item in rng.choice(60, 25, replace=False)
    }
    for w in range(6)
}
df = pd.DataFrame({"tweet": np.arange(60)})


def worker_lf(x, answers):
    return answers.get(x.tweet, -1)


lfs = [LabelingFunction(name, worker_lf, resources={"answers": answers}) for name, answers in said.items()]
L = PandasLFApplier(lfs).apply(df, progress_bar=False)
analysis = LFAnalysis(L, lfs)
voter = MajorityLabelVoter(cardinality=3)
largest = MajorityClassVoter(cardinality=3)
largest.fit(balance=np.array([0.2, 0.4, 0.4]))
chosen = voter.predict(L, tie_break_policy="random")
buckets = get_label_buckets(truth, chosen)
x = df.to_numpy()

results = {
    "L": L.tolist(),
    "summary": analysis.lf_summary(truth).to_dict("list"),
    "polarities": analysis.lf_polarities(),
    "accuracies": analysis.lf_empirical_accuracies(truth).tolist(),
    "probabilities": analysis.lf_empirical_probs(truth, 3).tolist(),
    "votes": voter.predict_proba(L).tolist(),
    "abstaining": voter.predict(L).tolist(),
    "chosen": chosen.tolist(),
    "largest": largest.predict_proba(L).tolist(),
    "largest chosen": largest.predict(L, tie_break_policy="random").tolist(),
    "scores": voter.score(L, truth, metrics=["accuracy", "f1_micro", "f1_macro"], tie_break_policy="random"),
    "buckets": sorted((list(map(int, pair)), rows.tolist()) for pair, rows in buckets.items()),
    "instances": get_label_instances((0, 0), x, truth, chosen).tolist(),
    "both ways": probs_to_preds(preds_to_probs(truth, 3)).tolist(),
}
