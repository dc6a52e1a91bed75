"""Who may do what: every endpoint, every role."""

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from wsal.web.access import ROLES, SCOPES
from wsal.web.pages import ROUTERS

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/welcome/{secret}"),
    ("POST", "/welcome/{secret}"),
}

ALLOWED = {
    ("GET", "/account"): "everybody",
    ("POST", "/api/account/tokens"): "everybody",
    ("DELETE", "/api/account/tokens/{digest}"): "everybody",
    ("POST", "/logout"): "everybody",
    ("GET", "/api/events"): "everybody",
    ("GET", "/label"): {"annotator", "expert", "admin"},
    ("POST", "/api/label/take"): {"annotator", "expert", "admin"},
    ("POST", "/api/label/said"): {"annotator", "expert", "admin"},
    ("GET", "/api/label/last"): {"annotator", "expert", "admin"},
    ("GET", "/api/label/progress"): {"annotator", "expert", "admin"},
    ("GET", "/api/image"): set(ROLES),
    ("GET", "/rules"): {"expert", "auditor", "admin"},
    ("GET", "/rules/rule"): {"expert", "auditor", "admin"},
    ("GET", "/rules/work"): {"expert", "auditor", "admin"},
    ("GET", "/rules/new"): {"expert", "admin"},
    ("GET", "/api/rules"): {"expert", "auditor", "admin"},
    ("POST", "/api/rules/preview"): {"expert", "admin"},
    ("POST", "/api/rules/draft"): {"expert", "admin"},
    ("POST", "/api/rules/save"): {"expert", "admin"},
    ("POST", "/api/rules/retire"): {"expert", "admin"},
    ("GET", "/dashboard"): "everybody",
    ("GET", "/audit"): {"auditor", "admin"},
    ("GET", "/audit/row"): {"auditor", "admin"},
    ("GET", "/audit/why"): {"auditor", "admin"},
    ("GET", "/audit/rules"): {"auditor", "admin"},
    ("GET", "/audit/rules.csv"): {"auditor", "admin"},
    ("GET", "/audit/bias"): {"auditor", "admin"},
    ("GET", "/audit/report"): {"auditor", "admin"},
    ("GET", "/api/errands"): {"expert", "auditor", "admin"},
    ("POST", "/api/errands"): {"expert", "auditor", "admin"},
    ("GET", "/people"): {"admin"},
    ("POST", "/api/people"): {"admin"},
    ("POST", "/api/people/{name}/link"): {"admin"},
    ("PATCH", "/api/people/{name}"): {"admin"},
}  # fmt: skip

ENDPOINTS = sorted(
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
)
STREAMS = {"/api/events"}  # never end, and have a test of their own


def ask(client: TestClient, method: str, path: str) -> int:
    filled = path.replace("{digest}", "0" * 64).replace("{name}", "nobody").replace("{secret}", "x")
    body = {} if method in ("POST", "PATCH") else None
    return client.request(method, filled, json=body).status_code


def test_every_endpoint_stands_in_the_table():
    assert set(ENDPOINTS) == set(ALLOWED) | PUBLIC


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_is_its_own_and_is_refused_the_rest(client_of, role):
    for (method, path), allowed in ALLOWED.items():
        if path in STREAMS or path == "/logout":
            continue
        status = ask(client_of(role), method, path)
        if allowed == "everybody" or role in allowed:
            assert status not in (401, 403), (method, path, status)
        else:
            assert status == 403, (method, path, status)


def test_whoever_is_not_signed_in_gets_nothing(client_of):
    for method, path in ALLOWED:
        assert ask(client_of(None), method, path) == 401, (method, path)
    for path in ("/nowhere", "/api/nowhere", "/label/", "/staticx", "/docs", "/redoc", "//label"):
        assert client_of(None).get(path).status_code == 401, path


def test_a_browser_that_is_not_signed_in_is_led_to_the_form_and_back(client_of):
    answer = client_of(None).get("/label?x=1", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/label%3Fx%3D1")


def test_health_and_the_document_are_public_and_the_document_names_the_scopes_of_nobody_else(client_of):
    assert client_of(None).get("/healthz").json() == {"status": "ok"}
    paths = client_of(None).get("/openapi.json").json()["paths"]
    assert "/api/label/take" in paths
    assert not any("login" in path or "welcome" in path for path in paths)


def test_the_scopes_of_a_token_narrow_what_its_owner_may(client_of, app):
    made = client_of("admin").post("/api/account/tokens", json={"name": "reader", "scopes": ["read"]})
    bearer = {"authorization": f"Bearer {made.json()['token']}"}
    client = TestClient(app, base_url="http://localhost")
    assert client.get("/people", headers=bearer).status_code == 403
    assert client.post("/api/label/take", json={}, headers=bearer).status_code == 403
    assert client.get("/account", headers=bearer).status_code == 200
    again = client.post("/api/account/tokens", json={"name": "more", "scopes": ["read"]}, headers=bearer)
    assert again.status_code == 403  # a token makes no tokens
    assert client.get("/account", headers={"authorization": "Bearer wsal_nothing"}).status_code == 401
    assert client.get("/account", headers={"authorization": "Basic cm9vdA=="}).status_code == 401


def test_nobody_makes_a_token_for_what_they_may_not_do(client_of):
    answer = client_of("annotator").post("/api/account/tokens", json={"name": "x", "scopes": ["admin"]})
    assert answer.status_code == 403


def test_a_token_ends_with_its_account_and_when_it_is_ended(client_of, app):
    ana = client_of("annotator")
    secret = ana.post("/api/account/tokens", json={"name": "x", "scopes": ["label"]}).json()["token"]
    bearer = {"authorization": f"Bearer {secret}"}
    client = TestClient(app, base_url="http://localhost")
    assert client.get("/api/label/progress", headers=bearer).status_code == 200
    (token,) = app.state.bench.accounts.tokens("ana")
    assert client_of("ben").delete(f"/api/account/tokens/{token.digest}").status_code == 404  # not his
    assert client.get("/api/label/progress", headers=bearer).status_code == 200
    assert ana.delete(f"/api/account/tokens/{token.digest}").status_code == 200
    assert client.get("/api/label/progress", headers=bearer).status_code == 401


def test_a_changed_role_and_a_closed_account_count_at_once(client_of):
    root, eve = client_of("admin"), client_of("expert")
    assert eve.post("/api/label/take", json={}).status_code == 200
    assert root.patch("/api/people/eve", json={"role": "auditor"}).status_code == 200
    assert eve.post("/api/label/take", json={}).status_code == 403
    assert root.patch("/api/people/eve", json={"disabled": True}).status_code == 200
    assert eve.get("/account").status_code == 401
    assert root.patch("/api/people/root", json={"disabled": True}).status_code == 422  # an admin is left


def test_every_scope_is_somebodys():
    assert set().union(*ROLES.values()) == set(SCOPES)
