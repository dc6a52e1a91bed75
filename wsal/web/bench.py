"""The bench: what the endpoints of one running server share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from wsal.project import Desk, RuleDesk
from wsal.store import Accounts
from wsal.web.background import Background
from wsal.web.discretion import discreet
from wsal.web.errands import Errands
from wsal.web.live import Hub
from wsal.web.reader import Reader
from wsal.web.secrets import Signing

__all__ = ["Bench", "bench_of"]


@dataclass(frozen=True)
class Bench:
    """What the endpoints share.

    Parameters
    ----------
    desk : Desk
        The project, and who labels what.
    rules : RuleDesk
        Its rules, and who writes them.
    signing : Signing
    hub : Hub
        Says to every open page what happened.
    background : Background
        Fits and draws in a process of its own.
    reader : Reader
        Asks the project for pages about results.
    errands : Errands
        Work that somebody asked for.
    """

    desk: Desk
    rules: RuleDesk
    signing: Signing
    hub: Hub
    background: Background
    reader: Reader
    errands: Errands

    def discreet(self, text: str) -> str:
        """Shorten the paths in a message; see `wsal.web.discretion`."""
        return discreet(text, self.desk.project.config.folder)

    @property
    def accounts(self) -> Accounts:
        """Who may work here."""
        return self.desk.store.accounts


def bench_of(request: Request) -> Bench:
    """Return what the endpoints of this server share."""
    return cast("Bench", request.app.state.bench)
