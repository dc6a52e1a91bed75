"""What is the matter with an installation or a project, and what to do about it. Nothing is changed by looking."""

from wsal.project.doctor.examine import examine
from wsal.project.doctor.reading import Reading, State

__all__ = ["Reading", "State", "examine"]
