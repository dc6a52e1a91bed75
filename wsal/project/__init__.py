"""Project: a folder in which the loop closes, from rules to labels and back through people."""

from __future__ import annotations

from wsal.project.audit.lineage import LINEAGE_FORMATS, Lineage, LineageFormat, lineage_of
from wsal.project.audit.names_left import NameLeft, names_left
from wsal.project.audit.replaying import Replay, replay
from wsal.project.audit.sealing import verify_project, write_key
from wsal.project.backups import BackupReport, RestoreReport, backup_project, migrate_project, restore_project
from wsal.project.classes.changing import ClassPlan, SplitRules, carry_out, plan_classes
from wsal.project.classes.crossing import ClassCrossing
from wsal.project.desk import Card, Desk, Handed
from wsal.project.doctor import Reading, examine
from wsal.project.end_models.report import Evaluation, TrainRun
from wsal.project.end_models.settings import TrainSettings
from wsal.project.end_models.training import load_end_model, train_end_model
from wsal.project.estimates.bias import BiasReport
from wsal.project.estimates.costs import CostReport
from wsal.project.estimates.figures import Certification, Estimates, Figure
from wsal.project.estimates.scorecards import RuleCostRow, RuleTests, Scorecard, Scorecards
from wsal.project.explaining.comparing import (
    AnswerChange,
    ChangedLabel,
    RuleChange,
    RunComparison,
    diff_runs,
    write_diff,
)
from wsal.project.explaining.item_history import ItemEvent, item_history
from wsal.project.explaining.why import RuleWithdrawn, Why, write_lineage
from wsal.project.files.answers import ImportReport
from wsal.project.labelling.aside import AsideItem, Remark
from wsal.project.labelling.duplicate_report import DuplicateGroup, DuplicateReport
from wsal.project.labelling.hearing import Classes, Decision, Receipt, Said, TakenBack
from wsal.project.labelling.people import Annotators, Contradicted
from wsal.project.labelling.searching import OutlierReport, SearchHit, SearchReport, SubPool
from wsal.project.labelling.tasks import BLIND_PURPOSES, Task
from wsal.project.multi_label.project import MultiLabelProject
from wsal.project.overview import KeptEstimate, Overview, overview
from wsal.project.project import Project
from wsal.project.rule_desk import RuleCompared, RuleDesk, RuleLine, RuleWorklist
from wsal.project.rules.editing import PackChangedError, SavedRule
from wsal.project.rules.loading import CheckReport, check_packs
from wsal.project.rules.over_runs import RunPoint
from wsal.project.rules.passages import Passage
from wsal.project.rules.past import RulePast, RuleVersionRow
from wsal.project.rules.previews import RuleExampleShown, RulePreview
from wsal.project.runs.cross_fitting import OnFold
from wsal.project.runs.reports import ApplyRun, Export, FitRun, RuleRow, Status
from wsal.project.runs.stopping import Place, Stopping
from wsal.project.simulating import labelled_dataset

__all__ = [
    "BLIND_PURPOSES",
    "LINEAGE_FORMATS",
    "Annotators",
    "AnswerChange",
    "ApplyRun",
    "AsideItem",
    "BackupReport",
    "BiasReport",
    "Card",
    "Certification",
    "ChangedLabel",
    "CheckReport",
    "ClassCrossing",
    "ClassPlan",
    "Classes",
    "Contradicted",
    "CostReport",
    "Decision",
    "Desk",
    "DuplicateGroup",
    "DuplicateReport",
    "Estimates",
    "Evaluation",
    "Export",
    "Figure",
    "FitRun",
    "Handed",
    "ImportReport",
    "ItemEvent",
    "KeptEstimate",
    "Lineage",
    "LineageFormat",
    "MultiLabelProject",
    "NameLeft",
    "OnFold",
    "OutlierReport",
    "Overview",
    "PackChangedError",
    "Passage",
    "Place",
    "Project",
    "Reading",
    "Receipt",
    "Remark",
    "Replay",
    "RestoreReport",
    "RuleChange",
    "RuleCompared",
    "RuleCostRow",
    "RuleDesk",
    "RuleExampleShown",
    "RuleLine",
    "RulePast",
    "RulePreview",
    "RuleRow",
    "RuleTests",
    "RuleVersionRow",
    "RuleWithdrawn",
    "RuleWorklist",
    "RunComparison",
    "RunPoint",
    "Said",
    "SavedRule",
    "Scorecard",
    "Scorecards",
    "SearchHit",
    "SearchReport",
    "SplitRules",
    "Status",
    "Stopping",
    "SubPool",
    "TakenBack",
    "Task",
    "TrainRun",
    "TrainSettings",
    "Why",
    "backup_project",
    "carry_out",
    "check_packs",
    "diff_runs",
    "examine",
    "item_history",
    "labelled_dataset",
    "lineage_of",
    "load_end_model",
    "migrate_project",
    "names_left",
    "overview",
    "plan_classes",
    "replay",
    "restore_project",
    "train_end_model",
    "verify_project",
    "write_diff",
    "write_key",
    "write_lineage",
]
