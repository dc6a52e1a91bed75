"""Project: a folder in which the loop closes, from rules to labels and back through people."""

from __future__ import annotations

from wsal.project.aside import AsideItem, Remark
from wsal.project.backups import BackupReport, RestoreReport, backup_project, migrate_project, restore_project
from wsal.project.bias import BiasReport
from wsal.project.changing_classes import ClassPlan, SplitRules, carry_out, plan_classes
from wsal.project.class_crossing import ClassCrossing
from wsal.project.comparing import (
    AnswerChange,
    ChangedLabel,
    RuleChange,
    RunComparison,
    diff_runs,
    write_diff,
)
from wsal.project.costs import CostReport
from wsal.project.cross_fitting import OnFold
from wsal.project.desk import Card, Desk, Handed
from wsal.project.doctor import Reading, examine
from wsal.project.duplicate_report import DuplicateGroup, DuplicateReport
from wsal.project.end_model_report import Evaluation, TrainRun
from wsal.project.end_model_settings import TrainSettings
from wsal.project.end_models import load_end_model, train_end_model
from wsal.project.estimates import Certification, Estimates, Figure
from wsal.project.explaining import RuleWithdrawn, write_lineage
from wsal.project.hearing import Classes, Decision, Receipt, Said, TakenBack
from wsal.project.item_history import ItemEvent, item_history
from wsal.project.multi_label import MultiLabelProject
from wsal.project.names_left import NameLeft, names_left
from wsal.project.overview import KeptEstimate, Overview, overview
from wsal.project.passages import Passage
from wsal.project.people import Annotators, Contradicted
from wsal.project.project import Project
from wsal.project.replaying import Replay, replay
from wsal.project.reports import ApplyRun, CheckReport, Export, FitRun, ImportReport, RuleRow, Status, Why
from wsal.project.rule_desk import RuleCompared, RuleDesk, RuleLine, RuleWorklist
from wsal.project.rule_editing import PackChangedError, SavedRule
from wsal.project.rule_past import RulePast
from wsal.project.rule_previews import RuleExampleShown, RulePreview
from wsal.project.rule_runs import RunPoint
from wsal.project.rules import check_packs
from wsal.project.scorecards import RuleCostRow, RuleTests, RuleVersionRow, Scorecard, Scorecards
from wsal.project.sealing import verify_project, write_key
from wsal.project.searching import OutlierReport, SearchHit, SearchReport, SubPool
from wsal.project.simulating import labelled_dataset
from wsal.project.stopping import Place, Stopping
from wsal.project.tasks import BLIND_PURPOSES, Task
from wsal.project.tracing import LINEAGE_FORMATS, Lineage, LineageFormat, lineage_of

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
