"""No page and no answer says where on the server the project lies."""

import time

PAGES = (
    "/audit",
    "/audit/why?item=1",
    "/audit/rules?rule=x",
    "/audit/bias?by=text",
    "/dashboard",
    "/rules",
    "/rules/work",
)


def test_what_went_wrong_is_said_without_the_folder_of_the_project(client_of, folder):
    otto, eve = client_of("auditor"), client_of("expert")
    pack = folder / "labeling_functions" / "rules.yaml"
    sound = pack.read_text(encoding="utf-8")
    for spoil in (
        lambda: pack.write_text("wsal: 1\nlabels: [ham", encoding="utf-8"),
        lambda: (pack.write_text(sound, encoding="utf-8"), (folder / "messages.csv").unlink()),
    ):
        spoil()
        said = [(path, otto.get(path, headers={"accept": "text/html"}).text) for path in PAGES]
        rule = {"text": "id: x\nlabel: spam\nwhen: {keywords: [a]}", "pack": pack.name}
        said.append(("preview", eve.post("/api/rules/preview", json=rule).text))
        otto.post("/api/errands", json={"kind": "estimate"})
        deadline = time.monotonic() + 600
        while (state := otto.get("/api/errands", params={"kind": "estimate"})).json()["state"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        said.append(("errand", state.text))
        assert [path for path, text in said if str(folder) in text] == []
    assert any("messages.csv" in text for _, text in said)  # which file it is, is said


def test_an_estimate_is_anybodys_who_sees_results_and_the_ledger_names_who_asked(client_of):
    allowed = {
        role: client_of(role).post("/api/errands", json={"kind": "estimate"}).status_code
        for role in ("annotator", "expert", "auditor", "admin")
    }
    assert allowed == {"annotator": 403, "expert": 200, "auditor": 200, "admin": 200}
