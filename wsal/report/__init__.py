"""report: one page about a project for people who were not there: auditors, regulators, whoever uses the labels.

`gather` asks a project everything; `AuditReport` holds the answers; `summarise` says them in plain sentences;
`draw_page` makes one HTML file of them, without scripts or anything from elsewhere.
"""

from wsal.report.gather import gather
from wsal.report.page import draw_page
from wsal.report.parts import AuditReport, Change, Unknown
from wsal.report.summary import summarise

__all__ = ["AuditReport", "Change", "Unknown", "draw_page", "gather", "summarise"]
