"""Pages: a module each, with its router; see `wsal.web` for how to add one."""

from __future__ import annotations

from typing import Final

from wsal.web.pages import (
    account,
    audit,
    dashboard,
    errands,
    images,
    label,
    live,
    people,
    rule_editor,
    rules,
    sign_in,
    why,
)

__all__ = ["ROUTERS"]

ROUTERS: Final = (
    sign_in.router,
    account.router,
    label.router,
    images.router,
    live.router,
    people.router,
    rules.router,
    rule_editor.router,
    audit.router,
    why.router,
    dashboard.router,
    errands.router,
)
