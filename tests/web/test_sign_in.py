"""Signing in: links, passwords, sessions, throttling."""

import re
import time

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from wsal.errors import InputError
from wsal.store import open_store
from wsal.web.pages.people import invite
from wsal.web.secrets import check_password, digest_of, hash_password, new_secret, require_password
from wsal.web.serving import first_link, is_local, require_accounts

PASSWORD = "correct horse battery"  # noqa: S105  # of the tests' people


def browser(app) -> TestClient:
    client = TestClient(app, base_url="http://localhost", follow_redirects=False)
    client.headers["origin"] = "http://localhost"
    return client


def form_of(client: TestClient, path: str) -> str:
    return re.search(r'name="form" value="([0-9a-f]{64})"', client.get(path).text)[1]


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **more):
    data = {"name": name, "password": password, "form": form_of(client, "/login"), **more}
    return client.post("/login", data=data)


def test_a_person_signs_in_and_out(app):
    client = browser(app)
    answer = sign_in(client, "Ana ")  # case and spaces of a name do not matter
    assert (answer.status_code, answer.headers["location"]) == (303, "/label")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = client.get("/label")
    assert page.status_code == 200
    csrf = re.search(r'csrf-token" content="([0-9a-f]{64})"', page.text)[1]
    kept = dict(client.cookies)
    assert client.post("/logout", headers={"x-csrf-token": csrf}).status_code == 200
    assert client.get("/label").status_code == 401
    again = browser(app)
    again.cookies.update(kept)  # the cookie of a session that ended opens nothing
    assert again.get("/label").status_code == 401
    assert [line.what for line in app.state.bench.accounts.logged()][:2] == ["signed out", "signed in"]


def test_each_role_lands_on_a_page_that_it_may_see(app):
    for name in ("ana", "eve", "otto", "root"):
        client = browser(app)
        assert client.get(sign_in(client, name).headers["location"]).status_code == 200
        assert client.get("/", follow_redirects=True).status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(app):
    answers = [
        sign_in(browser(app), name, "something else") for name in ("ana", "nobody", "", "ana' OR 1=1 --")
    ]
    assert {answer.status_code for answer in answers} == {401}
    bodies = {re.sub(r'value="[^"]*"|autofocus', "", answer.text) for answer in answers}
    assert len(bodies) == 1
    assert all("set-cookie" not in a.headers or "wsal_form" in a.headers["set-cookie"] for a in answers)


def test_whoever_fails_too_often_has_to_wait_and_it_is_logged(app):
    for _ in range(5):
        assert sign_in(browser(app), "ana", "wrong wrong wrong").status_code == 401
    refused = sign_in(browser(app), "ana")  # now even with the right password
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert sign_in(browser(app), "ben").status_code == 303  # a colleague at the same address comes in
    said = [line.what for line in app.state.bench.accounts.logged()]
    assert (said.count("failed"), said.count("throttled")) == (5, 1)


def test_one_address_cannot_try_many_names(app, monkeypatch):
    monkeypatch.setattr("wsal.web.pages.sign_in._MOST_FROM_ONE_ADDRESS", 3)
    for name in ("a1", "a2", "a3"):
        assert sign_in(browser(app), name, "wrong wrong wrong").status_code == 401
    assert sign_in(browser(app), "ben").status_code == 429


def test_a_success_forgives_the_failures_before_it(app):
    for _ in range(3):
        for _ in range(3):
            sign_in(browser(app), "ana", "wrong wrong wrong")
        assert sign_in(browser(app), "ana").status_code == 303


def test_a_session_id_that_was_there_before_is_never_taken_over(app):
    """Session fixation: whatever cookie an attacker planted, signing in makes a new one."""
    client, signing = browser(app), app.state.bench.signing
    planted = signing.sign(new_secret())
    client.cookies.set(signing.cookie, planted, domain="localhost.local")
    assert sign_in(client, "ana").status_code == 303
    attacker = browser(app)
    attacker.cookies.set(signing.cookie, planted, domain="localhost.local")
    assert attacker.get("/label").status_code == 401
    victim = [cookie.value for cookie in client.cookies.jar if cookie.name == signing.cookie]
    assert planted not in victim or len(victim) > 1


def test_a_cookie_that_was_not_signed_here_opens_nothing(app):
    signing, secret = app.state.bench.signing, new_secret()
    app.state.bench.accounts.open_session(digest_of(secret), "ana", until=time.time() + 60)
    for value in (secret, f"{secret}.x", signing.sign(secret)[:-2] + "xx", "", ".", "\x00", "é" * 50):
        client = browser(app)
        header = f"{signing.cookie}={value}".encode("latin-1", "replace")
        assert client.get("/label", headers={b"cookie": header}).status_code == 401, value
    good = f"{signing.cookie}={signing.sign(secret)}"
    assert browser(app).get("/label", headers={"cookie": good}).status_code == 200


def test_a_session_ends_by_itself_and_with_a_new_password(app):
    accounts, signing, secret = app.state.bench.accounts, app.state.bench.signing, new_secret()
    accounts.open_session(digest_of(secret), "ana", until=time.time() - 1)
    cookie = {"cookie": f"{signing.cookie}={signing.sign(secret)}"}
    assert browser(app).get("/label", headers=cookie).status_code == 401
    accounts.open_session(digest_of(secret), "ana", until=time.time() + 60)
    assert browser(app).get("/label", headers=cookie).status_code == 200
    accounts.set_password("ana", hash_password("another good one"))
    assert browser(app).get("/label", headers=cookie).status_code == 401


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "evil"]
)
def test_signing_in_leads_nowhere_else(app, wanted):
    assert sign_in(browser(app), "ana", next=wanted).headers["location"] == "/label"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app):
    assert sign_in(browser(app), "ana", next="/account?x=1").headers["location"] == "/account?x=1"


def test_a_form_of_another_browser_is_refused(app):
    stolen = form_of(browser(app), "/login")
    data = {"name": "ana", "password": PASSWORD, "form": stolen}
    assert browser(app).post("/login", data=data).status_code == 403


def test_an_invitation_works_once_and_looking_at_it_does_not_use_it_up(app):
    path = invite(app.state.bench, "ben")
    client = browser(app)
    assert client.get(path).status_code == client.get(path).status_code == 200
    new = "four small green hats"

    def choose(password, again=None):
        data = {"password": password, "again": again or password, "form": form_of(client, path)}
        return client.post(path, data=data)

    assert choose("short").status_code == 422
    assert choose("ben-ben-ben-ben").status_code == 422
    assert choose(new, "something else entirely").status_code == 422
    assert (choose(new).status_code, client.get("/label").status_code) == (303, 200)
    assert browser(app).get(path).status_code == 404
    assert browser(app).post(path, data={"password": new, "again": new}).status_code == 404
    assert sign_in(browser(app), "ben", new).status_code == 303
    assert sign_in(browser(app), "ben", PASSWORD).status_code == 401


def test_a_newer_link_a_day_and_a_closed_account_end_a_link(app):
    first, second = invite(app.state.bench, "ben"), invite(app.state.bench, "ben")
    assert browser(app).get(first).status_code == 404
    assert browser(app).get(second).status_code == 200
    app.state.bench.accounts.set_disabled("ben", disabled=True)
    assert browser(app).get(second).status_code == 404
    app.state.bench.accounts.invite(digest_of("old"), "ana", until=time.time() - 1)
    assert browser(app).get("/welcome/old").status_code == 404


def test_an_admin_adds_people_who_then_choose_a_password(client_of, app):
    root = client_of("admin")
    link = root.post("/api/people", json={"name": "mia", "role": "annotator"}).json()["link"]
    assert root.post("/api/people", json={"name": "mia", "role": "expert"}).status_code == 422
    for name in ("Mia", "a b", "../x", "", "x" * 65, "<b>"):
        assert root.post("/api/people", json={"name": name, "role": "expert"}).status_code == 422, name
    assert root.post("/api/people", json={"name": "noa", "role": "emperor"}).status_code == 422
    assert sign_in(browser(app), "mia", "").status_code == 401  # no password yet
    client = browser(app)
    words = "seven quiet blue lamps"
    client.post(link, data={"password": words, "again": words, "form": form_of(client, link)})
    assert client.get("/label").status_code == 200


def test_the_first_start_invites_an_admin_until_there_is_one(tmp_path):
    from wsal.project import Project
    from wsal.web import create_app

    Project.create_example(tmp_path / "x").history.store.close()
    app = create_app(tmp_path / "x", work=False)
    bench = app.state.bench
    first, second = first_link(bench), first_link(bench)
    assert first != second
    assert browser(app).get(first).status_code == 404
    with pytest.raises(InputError, match=r"0\.0\.0\.0 can be reached by others(.|\n)*wsal serve"):
        require_accounts(bench, "0.0.0.0")  # noqa: S104  # refused
    require_accounts(bench, "127.0.0.1")
    client = browser(app)
    words = "seven quiet blue lamps"
    client.post(second, data={"password": words, "again": words, "form": form_of(client, second)})
    assert client.get("/people").status_code == 200
    assert first_link(bench) is None
    require_accounts(bench, "0.0.0.0")  # noqa: S104  # now allowed
    bench.desk.close()


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.9.9.9", True), ("::1", True), ("10.0.0.4", False), ("::", False), ("example.org", False)],
)
def test_only_addresses_of_this_machine_are_local(host, local):
    assert is_local(host) is local


def test_the_key_is_its_owners_alone_and_a_broken_one_is_named(folder):
    from wsal.web.secrets import Signing

    key = folder / ".wsal" / "web.key"
    Signing.of_project(folder)
    assert key.stat().st_mode & 0o777 == 0o600
    assert Signing.of_project(folder).cookie == Signing.of_project(folder).cookie
    key.write_text("short")
    with pytest.raises(InputError, match="holds no key"):
        Signing.of_project(folder)


def test_no_secret_stands_in_the_store(app, folder):
    client = browser(app)
    sign_in(client, "ana")
    secret = app.state.bench.signing.read(next(c.value for c in client.cookies.jar if "form" not in c.name))
    link = invite(app.state.bench, "ben").removeprefix("/welcome/")
    with open_store("sqlite:///.wsal/store.db", root=folder) as store:
        store.head()
    raw = b"".join(path.read_bytes() for path in (folder / ".wsal").glob("store.db*"))
    for hidden in (secret, link, PASSWORD):
        assert hidden.encode() not in raw
    assert b"$argon2id$" in raw


def test_passwords_are_checked_and_easy_ones_refused():
    hashed = hash_password("three odd words")
    assert check_password("three odd words", hashed)
    assert not check_password("three odd word", hashed)
    assert not check_password("three odd words", None)
    assert not check_password("three odd words", "no hash")
    for bad in ("", "x" * 201, "aaaaaaaaaaaa", "my name is ana"):
        with pytest.raises(InputError):
            require_password(bad, name="ana")


def test_a_person_signs_in_and_out_in_a_browser(browser_of, server):
    page = browser_of(None, "/login?next=/dashboard", expect=("401",))
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill("not the password")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Name and password do not fit together.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url("**/dashboard")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")


def test_an_invitation_is_taken_up_in_a_browser(browser_of, server):
    bench = server.app.state.bench
    bench.accounts.add("noor", "annotator")
    page = browser_of(None, invite(bench, "noor"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.get_by_label("Once more").press("Enter")
    page.wait_for_url("**/label")
    assert page.get_by_role("link", name="noor").count() == 1


def test_a_new_token_stands_in_the_list_at_once_and_goes_when_it_is_ended(browser_of):
    page = browser_of("expert", "/account")
    page.get_by_text("You have none.").wait_for()
    for name in ("nightly export", "weekly report"):
        page.get_by_label("What is it for?").fill(name)
        page.get_by_label("see rules and results").check()
        page.get_by_role("button", name="Make a token").click()
        page.get_by_role("row", name=name).wait_for()
        assert page.locator("#token").inner_text().startswith("wsal_")  # which is shown this once
    page.get_by_role("row", name="nightly export").get_by_role("button", name="End").click()
    page.get_by_role("row", name="nightly export").wait_for(state="detached")
    assert page.get_by_role("row", name="weekly report").is_visible()
