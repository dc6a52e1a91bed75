# A spam task: rules on words and patterns, a preprocessor, the table of functions, the label model, training data.
import re

import numpy as np
import pandas as pd

from wsal.interop.snorkel import (
    LabelModel,
    LFAnalysis,
    MajorityLabelVoter,
    PandasLFApplier,
    filter_unlabeled_dataframe,
    labeling_function,
    preprocessor,
    probs_to_preds,
)

ABSTAIN, HAM, SPAM = -1, 0, 1

df = pd.read_csv("messages.csv")
df["text"] = df["text"].fillna("")
gold = pd.read_csv("gold.csv")
Y = (gold["label"] == "spam").astype(int).to_numpy()


@labeling_function()
def free(x):
    return SPAM if "free" in x.text.lower() else ABSTAIN


@labeling_function(name="prize_words")
def prize(x):
    return SPAM if re.search(r"\b(prize|win|winner|claim)\b", x.text, re.IGNORECASE) else ABSTAIN


@labeling_function(resources={"limit": 0})
def has_link(x, limit):
    return SPAM if x.n_links > limit else HAM


@preprocessor(memoize=True)
def count_words(x):
    x.n_words = len(x.text.split())
    return x


@labeling_function(pre=[count_words])
def short(x):
    return HAM if x.n_words < 6 else ABSTAIN


@labeling_function(pre=[count_words])
def shouting(x):
    loud = sum(word.isupper() and len(word) > 2 for word in x.text.split())
    return SPAM if loud > x.n_words / 4 else ABSTAIN


@labeling_function()
def never(x):
    return ABSTAIN


lfs = [free, prize, has_link, short, shouting, never]
L = PandasLFApplier(lfs).apply(df, progress_bar=False)
analysis = LFAnalysis(L, lfs)
majority = MajorityLabelVoter(cardinality=2)
majority_probs = majority.predict_proba(L)
model = LabelModel(cardinality=2, verbose=False)
model.fit(L, n_epochs=50, lr=0.001, log_freq=100, seed=123, progress_bar=False)
probs = model.predict_proba(L)
df_train, probs_train = filter_unlabeled_dataframe(X=df, y=probs, L=L)

results = {
    "L": L.tolist(),
    "dtype": str(L.dtype),
    "summary": analysis.lf_summary().to_dict("list"),
    "summary with gold": analysis.lf_summary(Y=Y, est_weights=np.arange(6) / 10).to_dict("list"),
    "columns": list(analysis.lf_summary(Y).columns),
    "index": list(analysis.lf_summary(Y).index),
    "without names": LFAnalysis(L).lf_summary(Y).reset_index().to_dict("list"),
    "overlaps by coverage": analysis.lf_overlaps(normalize_by_coverage=True).tolist(),
    "conflicts by overlaps": analysis.lf_conflicts(normalize_by_overlaps=True).tolist(),
    "empirical probabilities": analysis.lf_empirical_probs(Y, 2).tolist(),
    "labels": [analysis.label_coverage(), analysis.label_overlap(), analysis.label_conflict()],
    "majority": majority_probs.tolist(),
    "majority, abstaining": majority.predict(L).tolist(),
    "majority, random ties": majority.predict(L, tie_break_policy="random").tolist(),
    "majority accuracy": majority.score(L, Y, tie_break_policy="random"),
    "majority scores": majority.score(
        L, Y, metrics=["accuracy", "coverage", "precision", "recall", "f1"], tie_break_policy="random"
    ),
    "preds": probs_to_preds(majority_probs).tolist(),
    "train": [df_train.index.tolist(), list(probs_train.shape)],
    "model shapes": [
        list(probs.shape),
        list(model.get_weights().shape),
        list(model.get_conditional_probs().shape),
    ],
}
