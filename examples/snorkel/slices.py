# spaCy Docs in labelling functions, preprocessors before them, and slices of a data frame.
import pandas as pd
import spacy

from wsal.interop.snorkel import (
    PandasLFApplier,
    PandasSFApplier,
    labeling_function,
    nlp_labeling_function,
    preprocessor,
    slice_dataframe,
    slicing_function,
)

spacy.blank("en").to_disk("pipeline")
df = pd.read_csv("messages.csv").head(80)
df["text"] = df["text"].fillna("")


@preprocessor()
def join(x):
    x.both = f"{x.sender}: {x.text}"
    return x


@nlp_labeling_function(language="pipeline", pre=[join], text_field="both")
def has_number(x):
    return 1 if any(token.like_num for token in x.doc) else -1


@nlp_labeling_function(language="pipeline", pre=[join], text_field="both")
def long(x):
    return 0 if len(x.doc) > 15 else -1


@labeling_function(pre=[join])
def from_a_number(x):
    return 1 if x.both.startswith("+") else 0


@slicing_function()
def has_link(x):
    return x.n_links > 0


@slicing_function(pre=[join])
def short(x):
    return len(x.both) < 60


lfs = [has_number, long, from_a_number]
L = PandasLFApplier(lfs).apply(df, progress_bar=False)
S = PandasSFApplier([has_link, short]).apply(df, progress_bar=False)

results = {
    "L": L.tolist(),
    "slices": [S["has_link"].tolist(), S["short"].tolist()],
    "fields": list(S.dtype.names),
    "short ones": slice_dataframe(df, short).index.tolist(),
}
