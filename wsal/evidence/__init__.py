"""evidence: why an item has the label it has, as log odds that add up.

`explain` opens a delivered label into terms: what each rule, the answers on items alike, the human classifier
and each word say for it against the runner-up, and says which rules it hangs on. `Withdrawals` says what withdrawing
a rule would change in all labels, `compare_runs` what changed between two runs, and why. How, and what all this does
not say: docs/explanation/evidence.md and docs/explanation/run-differences.md.
"""

from wsal.evidence.decisive import DecisiveRules, Removal
from wsal.evidence.evidence import Answer, Evidence, EvidenceTerm
from wsal.evidence.explain import explain
from wsal.evidence.label_parts import LabelParts, LabelsThen, carried_answers
from wsal.evidence.run_diff import CAUSES, KINDS, Cause, Kind, RunDiff, compare_runs
from wsal.evidence.run_state import RunState
from wsal.evidence.waterfall import Step, Waterfall, waterfall_of
from wsal.evidence.withdrawals import BlastRadius, LabelFlow, Withdrawals

__all__ = [
    "CAUSES",
    "KINDS",
    "Answer",
    "BlastRadius",
    "Cause",
    "DecisiveRules",
    "Evidence",
    "EvidenceTerm",
    "Kind",
    "LabelFlow",
    "LabelParts",
    "LabelsThen",
    "Removal",
    "RunDiff",
    "RunState",
    "Step",
    "Waterfall",
    "Withdrawals",
    "carried_answers",
    "compare_runs",
    "explain",
    "waterfall_of",
]
