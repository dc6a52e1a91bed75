"""Project: a folder in which the loop closes, from rules to labels and back through people."""

from __future__ import annotations

from wsal.project.aside import AsideItem, Remark
from wsal.project.cross_fitting import OnFold
from wsal.project.duplicate_report import DuplicateGroup, DuplicateReport
from wsal.project.end_model_report import Evaluation, TrainRun
from wsal.project.end_model_settings import TrainSettings
from wsal.project.end_models import load_end_model, train_end_model
from wsal.project.estimates import Certification, Estimates, Figure
from wsal.project.history import verify_project
from wsal.project.people import Annotators, Contradicted
from wsal.project.project import Project
from wsal.project.reports import ApplyRun, CheckReport, Export, FitRun, ImportReport, RuleRow, Status, Why
from wsal.project.rules import check_packs
from wsal.project.searching import OutlierReport, SearchHit, SearchReport, SubPool
from wsal.project.simulating import labelled_dataset
from wsal.project.stopping import Place, Stopping
from wsal.project.tasks import BLIND_PURPOSES, Task

__all__ = [
    "BLIND_PURPOSES",
    "Annotators",
    "ApplyRun",
    "AsideItem",
    "Certification",
    "CheckReport",
    "Contradicted",
    "DuplicateGroup",
    "DuplicateReport",
    "Estimates",
    "Evaluation",
    "Export",
    "Figure",
    "FitRun",
    "ImportReport",
    "OnFold",
    "OutlierReport",
    "Place",
    "Project",
    "Remark",
    "RuleRow",
    "SearchHit",
    "SearchReport",
    "Status",
    "Stopping",
    "SubPool",
    "Task",
    "TrainRun",
    "TrainSettings",
    "Why",
    "check_packs",
    "labelled_dataset",
    "load_end_model",
    "train_end_model",
    "verify_project",
]
