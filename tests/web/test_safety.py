"""What strangers try: forged requests, foreign names, large bodies, paths that lead out, text that wants to be HTML."""

import json
import socket

import pytest
from fastapi.testclient import TestClient

from wsal.web.gate import MOST_BYTES

UNSAFE = [
    ("POST", "/api/label/take"),
    ("POST", "/logout"),
    ("POST", "/api/people"),
    ("PATCH", "/api/people/ana"),
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_request_that_another_site_makes_is_refused(client_of, method, path):
    origins = ["http://evil.example", "null", "http://localhost:81", "http://localhost.evil.example", ""]
    for origin in origins:
        answer = client_of("admin").request(method, path, json={}, headers={"origin": origin})
        assert answer.status_code == 403, origin
    without = client_of("admin")
    del without.headers["origin"]
    assert without.request(method, path, json={}).status_code == 403
    assert without.request(method, path, json={}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_request_without_the_token_of_its_session_is_refused(client_of, method, path):
    other = client_of("expert").headers["x-csrf-token"]
    for token in ("", "0" * 64, other, "é"):
        headers = {b"x-csrf-token": token.encode()}
        assert client_of("admin").request(method, path, json={}, headers=headers).status_code == 403, token


def test_a_token_needs_no_origin_because_no_browser_sends_it_by_itself(client_of, app):
    made = client_of("annotator").post("/api/account/tokens", json={"name": "x", "scopes": ["label"]})
    program = TestClient(app, base_url="http://localhost")
    bearer = {"authorization": f"Bearer {made.json()['token']}"}
    assert program.post("/api/label/take", json={"n": 1}, headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::1", "x" * 3000]
)
def test_a_request_under_a_foreign_name_is_refused(client_of, host):
    """DNS rebinding: a page of evil.example points that name at this machine."""
    assert client_of("admin").get("/healthz", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8765", "127.0.0.1:1", "[::1]:8765", "LOCALHOST"])
def test_this_machines_own_names_are_served(client_of, host):
    assert client_of("admin").get("/healthz", headers={"host": host}).status_code == 200


def test_every_answer_carries_the_headers_of_safety(client_of):
    client = client_of("annotator")
    for path in ("/healthz", "/label", "/nowhere", "/static/app.css", "/api/image?path=x", "/login"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy, path
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store" or path.startswith("/static")
    refused = client_of(None).get("/label")
    assert "content-security-policy" in refused.headers


def test_no_template_holds_a_script_a_style_or_a_handler_of_its_own():
    from wsal.web.rendering import STATIC

    for template in (STATIC.parent / "templates").glob("*.html"):
        text = template.read_text()
        for forbidden in (
            "<style",
            "style=",
            "onclick",
            "onload",
            "javascript:",
            "|safe",
            "| safe",
            "http:",
            "https:",
        ):
            assert forbidden not in text, (template.name, forbidden)
    for script in STATIC.glob("*.js"):
        text = script.read_text()
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
            "http:",
            "https:",
        ):
            assert forbidden not in text, (script.name, forbidden)


def test_a_large_body_is_refused_whether_it_says_its_size_or_not(client_of):
    client = client_of("annotator")
    large = b" " * (MOST_BYTES + 1)
    json_type = {"content-type": "application/json"}
    assert client.post("/api/label/said", content=large, headers=json_type).status_code == 413
    assert (
        client.post("/api/label/said", content=iter([large[:600_000]] * 2), headers=json_type).status_code
        == 413
    )
    anonymous = client_of(None)
    assert anonymous.post("/login", content=large, headers=json_type).status_code == 413
    for length in ("-1", "1e9", "x", "9" * 30):
        answer = client.post(
            "/api/label/said", content=b"{}", headers={**json_type, "content-length": length}
        )
        assert answer.status_code in (400, 413), length


def test_what_a_person_may_say_at_once_is_limited(client_of):
    client = client_of("annotator")
    one = {"kind": "decision", "event_id": "e", "draw_id": "d", "item": "x", "outcome": "skip"}
    many = [{**one, "event_id": f"e{i}"} for i in range(201)]
    assert client.post("/api/label/said", json={"events": many}).status_code == 422
    assert (
        client.post("/api/label/said", json={"events": [{**one, "rationale": "x" * 10_001}]}).status_code
        == 422
    )
    assert client.post("/api/label/said", json={"events": [{**one, "event_id": "e\x00"}]}).status_code == 422
    assert client.post("/api/label/take", json={"n": 10_000}).status_code == 422


def test_a_body_that_is_not_what_was_asked_for_is_told_so_and_not_repeated(client_of):
    client = client_of("admin")
    secret = "do not repeat me"  # noqa: S105  # no password
    answer = client.post("/api/people", json={"name": secret, "role": "expert", "more": secret})
    assert answer.status_code == 422
    assert secret not in answer.text
    for body in (b"", b"[", b"null", b"\xff\xfe", b'{"n": NaN}', b'{"n": 1e999}', b"[" * 100_000):
        answer = client.post("/api/label/take", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (200, 400, 422), body[:20]


@pytest.mark.parametrize(
    "path",
    [
        "../outside.png",
        "/etc/passwd",
        "..%2foutside.png",
        "....//outside.png",
        "images/../../outside.png",
        "link.png",
        ".wsal/store.db",
        ".wsal/hidden.png",
        "wsal.toml",
        "messages.csv",
        "a\x00.png",
        "x" * 499,
        "",
        ".",
    ],
)
def test_no_path_leads_out_of_the_folder_or_to_what_is_no_image(client_of, folder, path):
    (folder.parent / "outside.png").write_bytes(b"no")
    (folder / "link.png").symlink_to(folder.parent / "outside.png")
    (folder / ".wsal" / "hidden.png").write_bytes(b"no")
    answer = client_of("annotator").get("/api/image", params={"path": path})
    assert answer.status_code == 404
    assert b"root:" not in answer.content


def test_an_image_of_the_project_is_shown(client_of, folder):
    (folder / "pictures").mkdir()
    (folder / "pictures" / "one.PNG").write_bytes(b"\x89PNG")
    answer = client_of("annotator").get("/api/image", params={"path": "pictures/one.PNG"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/gate.py", "/static//etc/passwd", "/static/"],
)
def test_static_files_are_those_of_the_folder_alone(client_of, path):
    answer = client_of("admin").get(path)
    assert answer.status_code in (401, 404, 405), path
    assert "import" not in answer.text


def test_a_request_by_hand_with_a_strange_path_or_header_ends_in_an_answer(server):
    lines = [
        b"GET /static/../../gate.py HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /label HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a=\xff;" * 50 + b"\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
        b"GET /label HTTP/1.1\r\n\r\n",
    ]
    for line in lines:
        with socket.create_connection(("127.0.0.1", server.port), timeout=120) as connection:
            connection.sendall(line)
            first = connection.recv(200).split(b"\r\n")[0]
            assert first.split()[1] in (b"303", b"400", b"401", b"403", b"404", b"413"), (line, first)


def test_names_of_labels_stand_in_the_page_as_text(client_of):
    text = client_of("annotator").get("/label").text
    assert json.dumps(["ham", "spam"]).replace('"', "&#34;") in text
