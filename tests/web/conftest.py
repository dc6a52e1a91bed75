"""The workbench under test: a project, its app in this process, its server in one of its own, and Chromium."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect, sync_playwright

from wsal.config import read_config
from wsal.project import Project
from wsal.store import Store, open_store
from wsal.web import create_app
from wsal.web.secrets import Signing, digest_of, hash_password, new_secret

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "correct horse battery"  # noqa: S105  # of the tests' people
PEOPLE = {"ana": "annotator", "ben": "annotator", "eve": "expert", "otto": "auditor", "root": "admin"}
PATIENCE = 300.0
"""Seconds that anything on a page may take; a limit against hanging, not a speed: other tests share the machine."""
BY_ROLE = {"annotator": "ana", "expert": "eve", "auditor": "otto", "admin": "root"}

expect.set_options(timeout=1000 * PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that drives Chromium try twice, as a stall of another program's fails no change of ours.

    A second try is printed (``RERUN``), is a defect of the test or of the page, and is looked into like a failure.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


def make_template(folder: Path) -> Path:
    """Make the example project, with its rules applied, fitted, a batch drawn and people added."""
    if not folder.exists():
        Project.create_example(folder).history.store.close()
    project = Project.open(folder)
    project.apply()
    project.fit()
    project.tasks(30, rng=0)
    hashed = hash_password(PASSWORD)
    for name, role in PEOPLE.items():
        project.history.store.accounts.add(name, role)
        project.history.store.accounts.set_password(name, hashed)
    project.history.store.close()
    return folder


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("workbench") / "spam")


@pytest.fixture
def folder(request: pytest.FixtureRequest, _template: Path, tmp_path: Path) -> Path:
    """Return a project of the test's own, with five people: ana and ben annotate, eve, otto and root.

    It is in SQLite; where the test is parametrised with ``folder`` (indirect) as ``postgresql``, in that.
    """
    made = Path(shutil.copytree(_template, tmp_path / "spam"))
    if getattr(request, "param", "sqlite") == "sqlite":
        return made
    with (made / "wsal.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[store]\nurl = "{request.getfixturevalue("postgres")}"\n')
    shutil.rmtree(made / ".wsal")
    return make_template(made)


def store_of(folder: Path) -> Store:
    """Open the store that the project's settings name."""
    return open_store(read_config(folder / "wsal.toml").store_url, root=folder)


def session_cookie(folder: Path, name: str) -> tuple[str, str]:
    """Sign a person in behind the form; return the cookie's name and value."""
    secret, signing = new_secret(), Signing.of_project(folder)
    with store_of(folder) as store:
        store.accounts.open_session(digest_of(secret), name, until=time.time() + 3600)
    return signing.cookie, signing.sign(secret)


class Client(TestClient):
    """A browser without a screen: it sends its origin, and the token of its session."""

    def __init__(self, app, folder: Path, name: str | None) -> None:
        super().__init__(app, base_url="http://localhost", follow_redirects=False)
        self.headers["origin"] = "http://localhost"
        if name is not None:
            cookie, value = session_cookie(folder, name)
            self.cookies.set(cookie, value, domain="localhost.local")
            signing = app.state.bench.signing
            self.headers["x-csrf-token"] = signing.form_token(digest_of(signing.read(value)))


def close_bench(bench) -> None:
    """Stop what an app without its own life began."""
    bench.errands.close()
    bench.reader.close()
    bench.desk.close()


@pytest.fixture
def app(folder: Path) -> Iterator:
    """Make the app, without its background process."""
    made = create_app(folder, work=False)
    yield made
    close_bench(made.state.bench)


@pytest.fixture
def client_of(app, folder: Path) -> Callable[[str | None], Client]:
    """Return a client that is signed in as a role, as a person by name, or not at all."""
    return lambda who: Client(app, folder, BY_ROLE.get(who or "", who))


class Server:
    """The project's server in a thread, without its background process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = create_app(folder, work=False)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(self.app, log_level="warning", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._socket.close()


@dataclass
class Process:
    """``wsal serve`` in a process of its own, which can be killed and started again at the same port."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    said: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "wsal", "--project", self.folder, "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, line + self.process.stdout.read()
        self.said, self.port = line, int(found[1])

    def kill(self) -> None:
        """End it as a power cut would, with its background process."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """Serve the project from a thread."""
    served = Server(folder)
    yield served
    served.stop()


@pytest.fixture
def process(folder: Path) -> Iterator[Process]:
    """Serve the project from a process of its own, as ``wsal serve`` does."""
    served = Process(folder)
    served.start()
    yield served
    if served.process.poll() is None:
        served.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium; nothing is downloaded.

    It ends with the module: while it runs, no other test of the process can have an event loop of its own.
    """
    if not CHROMIUM.exists():
        message = f"there is no {CHROMIUM} (apt-get install chromium)"
        if os.environ.get("WSAL_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=options.split())
        yield started
        started.close()


@dataclass
class Watched:
    """What pages did that they must not."""

    url: str = ""
    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, page) -> None:
        page.on("pageerror", lambda error: self.wrong.append(f"error on the page: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type in ("error", "warning") and not any(e in message.text for e in self.expected):
            self.wrong.append(f"{message.type} on the console: {message.text}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"a request to elsewhere: {request.url}")


def _with_root(made: Path) -> Path:
    with store_of(made) as store:
        store.accounts.add("root", "admin")
        store.accounts.set_password("root", hash_password(PASSWORD))
    return made


@pytest.fixture
def admin_at() -> Iterator[Callable[[Path], Client]]:
    """Return a client of an admin of a project that the test made itself, without a background process."""
    opened = []

    def open_app(made: Path) -> Client:
        app = create_app(_with_root(made), work=False)
        opened.append(app.state.bench)
        return Client(app, made, "root")

    yield open_app
    for bench in opened:
        close_bench(bench)


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Server]]:
    """Serve a project that the test made itself, which gets an admin named root, from a thread."""
    started: list[Server] = []
    yield lambda made: started.append(Server(_with_root(made))) or started[-1]
    for one in started:
        one.stop()


@pytest.fixture
def serve_process() -> Iterator[Callable[[Path], Process]]:
    """Serve a project that the test made itself from a process, with its background process."""
    started: list[Process] = []

    def begin(made: Path) -> Process:
        started.append(Process(_with_root(made)))
        started[-1].start()
        return started[-1]

    yield begin
    for one in started:
        one.stop()


@pytest.fixture
def make_large(tmp_path: Path) -> Callable[[int], Path]:
    """Make a project of so many items, made of random words, with twelve rules; applied, fitted and drawn from."""

    def make(n: int) -> Path:
        folder = tmp_path / "large"
        folder.mkdir()
        rng = random.Random(0)
        words = [f"w{i}" for i in range(2000)]
        texts = [" ".join(rng.choices(words, k=25)) for _ in range(n)]
        pd.DataFrame({"id": [f"i{i}" for i in range(n)], "text": texts}).to_parquet(folder / "items.parquet")
        (folder / "wsal.toml").write_text(
            '[task]\nname = "large"\nlabels = ["a", "b"]\n[data]\npath = "items.parquet"\nid = "id"\ntext = "text"\n'
            "[features]\nnumeric = []\n[duplicates]\nfind = false\n[workbench]\nrefit_after = 5\n"
        )
        (folder / "labeling_functions").mkdir()
        rules = [
            f"  - {{id: r{j}, label: {'ab'[j % 2]}, when: {{keywords: [{', '.join(words[j * 40 : j * 40 + 20])}]}}}}"
            for j in range(12)
        ]
        (folder / "labeling_functions" / "rules.yaml").write_text(
            "wsal: 1\ntask: large\nlabels: [a, b]\nrules:\n" + "\n".join(rules) + "\n"
        )
        project = Project.open(folder)
        project.apply()
        project.fit()
        project.tasks(80, rng=0)
        project.history.store.close()
        return folder

    return make


@pytest.fixture
def browser_of(browser, request: pytest.FixtureRequest) -> Iterator[Callable]:
    """Open a page in Chromium, signed in as a role or person: ``browser_of("annotator", "/label")``.

    The page is that of the test's ``server`` or ``process``, or of a server it names as ``at``. The test fails on any
    error on the page or on the console, and on any request to elsewhere; ``expect`` names words of messages on the
    console that the test provokes.
    """
    # Now, so that pages are closed before their server is.
    kinds = [
        name for name in ("serve", "serve_process", "process", "server") if name in request.fixturenames
    ] or ["server"]
    default = request.getfixturevalue(kinds[0])
    watched, contexts = Watched(), []

    def open_page(who: str | None, path: str, *, at: Server | None = None, expect=(), **options):
        server = at or default
        watched.url = server.url
        watched.expected.extend(expect)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(1000 * PATIENCE)
        contexts.append(context)
        if who is not None:
            name, value = session_cookie(server.folder, BY_ROLE.get(who, who))
            context.add_cookies([{"name": name, "value": value, "url": server.url}])
        page = context.new_page()
        watched.watch(page)
        page.goto(server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.wrong == []
