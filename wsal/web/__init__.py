"""The workbench: a project in the browser.

A request passes `wsal.web.gate` (host, size, who is asking, forged requests, headers of safety), then the endpoint's
own ``allow(scope)``, then a page. Whatever is not listed there as public needs a login or a token.

How to add a page ``rules``
---------------------------
1. ``pages/rules.py``: a ``router = APIRouter(tags=["rules"])``. ``GET /rules`` draws the page
   (``include_in_schema=False``, ``draw(request, "rules.html", …)``); its data comes from ``/api/rules/…`` endpoints
   with pydantic models in and out. Every endpoint takes ``person: Annotated[Person, allow("read")]``: the scope that it
   needs (`wsal.web.access`). Add the router to ``pages/__init__.py``.
2. ``navigation.py``: a `NavEntry`.
3. ``templates/rules.html`` extends ``base.html``: blocks ``title``, ``main`` and ``scripts``. No inline script, style
   or event handler: the policy of the gate refuses them. Data for scripts goes into ``data-`` attributes.
4. ``static/rules.js``: an ES module with JSDoc types. ``api.js`` talks to the server (token against forged requests,
   errors in words), ``dom.js`` makes elements (text is never read as HTML), ``live.js`` listens to background news.
   Styles go into ``static/app.css``, by the variables at its top.
5. ``tests/web/test_rules_page.py`` with the fixtures of ``tests/web/conftest.py``: ``client_of(role)`` for endpoints,
   ``browser_of(role)`` for Chromium, which fails a test on any error on the console and any request to elsewhere. The
   table of roles and endpoints (``tests/web/test_roles.py``) finds new endpoints by itself, and
   fails until they stand in it.

What a page shows comes from `wsal.project`; a page holds no logic of its own. What takes longer than a second goes to
the background (``bench.background.ask("apply")``), whose news every open page hears.
"""

from __future__ import annotations

from wsal.web.app import create_app
from wsal.web.serving import serve

__all__ = ["create_app", "serve"]
