"""Text that wants to be HTML stays text: in items, columns, labels, rules, rationales and the project's name."""

import pandas as pd
from playwright.sync_api import expect

from wsal.project import Project

EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>'\"&amp;"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def make_evil(folder):
    """A project in which everything that people write is an attack."""
    folder.mkdir()
    frame = pd.DataFrame(
        {"id": [f"{EVIL}{i}" for i in range(40)], "text": [f"{EVIL} document {i}" for i in range(40)]}
    )
    frame[EVIL] = EVIL
    frame.to_csv(folder / "items.csv", index=False)
    labels = [EVIL, "</script><script>document.title='owned'</script>"]
    (folder / "wsal.toml").write_text(
        f"[task]\nname = {quoted(EVIL)}\nlabels = [{', '.join(map(quoted, labels))}]\ndescription = {quoted(EVIL)}\n"
        '[data]\npath = "items.csv"\nid = "id"\ntext = "text"\n[duplicates]\nfind = false\n'
    )
    (folder / "labeling_functions").mkdir()
    (folder / "labeling_functions" / "rules.yaml").write_text(
        "wsal: 1\n"
        f"task: {quoted(EVIL)}\nlabels: [{', '.join(map(quoted, labels))}]\n"
        f"rules:\n  - {{id: evil, label: {quoted(labels[0])}, when: {{keywords: [document]}}, why: {quoted(EVIL)}}}\n"
    )
    project = Project.open(folder)
    project.apply()
    project.fit()
    project.tasks(10, rng=0)
    project.history.store.close()
    return folder


def test_nothing_that_people_write_runs_in_the_page(tmp_path, serve, browser_of):
    page = browser_of("root", "/label", at=serve(make_evil(tmp_path / "evil")))
    page.wait_for_selector(".item-head")
    for _ in range(4):
        assert EVIL in page.inner_text(".item")
        assert EVIL in page.inner_text("#choices")
        page.keyboard.press("r")
        page.keyboard.type(EVIL)
        page.keyboard.press("Escape")
        page.keyboard.press("w")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.keyboard.press("2")
    expect(page.locator("#saved")).to_have_text("saved")
    assert EVIL in page.inner_text(".guidelines")
    assert page.locator("img, main script").count() == 0
    assert "owned" not in page.evaluate("() => document.title").replace(EVIL, "")
    page.goto(page.url.replace("/label", "/people"))
    assert page.locator("img, main script").count() == 0
