"""evidence: why an item has the label it has, as log odds that add up.

`explain` opens a delivered label into terms: what each rule, the answers on items alike, the human classifier
and each word say for it against the runner-up. How, and what it does not say: docs/explanation/evidence.md.
"""

from wsal.evidence.evidence import Answer, Evidence, EvidenceTerm
from wsal.evidence.explain import explain

__all__ = ["Answer", "Evidence", "EvidenceTerm", "explain"]
