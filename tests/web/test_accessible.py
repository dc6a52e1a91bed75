"""Pages for everybody: axe finds nothing, narrow screens do not scroll sideways, motion is reduced where asked."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    "/login",
    "/label",
    "/rules",
    "/rules?q=nowhere",
    "/rules/work",
    "/rules/rule?name=prize-words&withdraw=true",
    "/rules/rule?name=shouting",
    "/rules/new",
    "/rules/new?words=parcel&label=spam",
    "/people",
    "/account",
    "/nowhere",
    "/dashboard",
    "/audit",
    "/audit/row?seq=3",
    "/audit/why",
    "/audit/why?item=m049&without=act-now",
    "/audit/why?item=nowhere",
    "/audit/rules?rule=prize-words",
    "/audit/bias?by=text",
    "/audit/bias",
]


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1280),
        ("dark", 390),
        pytest.param("dark", 1280, marks=pytest.mark.soak),
        pytest.param("light", 390, marks=pytest.mark.soak),
    ],
)
def test_axe_finds_no_violation(browser_of, scheme, width):
    page = browser_of(
        None,
        "/login",
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 844},
        expect=("404",),
    )
    found = [violations(page, "/login")]
    page.context.add_cookies(browser_of("admin", "/account").context.cookies())
    base = page.url.removesuffix("/login")
    for path in PAGES[1:]:
        page.goto(base + path)
        if path == "/label":
            page.wait_for_selector(".item-head")
            found.append(violations(page, path))
            page.keyboard.press("1")
            page.keyboard.press("r")
            found.append(violations(page, "/label with a rationale"))
            page.keyboard.press("Escape")
            page.keyboard.press("w")
            found.append(violations(page, "/label while words are marked"))
            page.keyboard.press("Escape")
            page.keyboard.press("?")
        if path.startswith("/rules/new"):
            page.wait_for_selector("#preview .counts")
        found.append(violations(page, path))
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
    assert [one for one in found if one] == []


def violations(page, where: str) -> list[str]:
    result = Axe().run(page)
    return [
        f"{where}: {one['id']}: {one['nodes'][0]['html'][:120]} {one['nodes'][0]['failureSummary'][:300]}"
        for one in result.response["violations"]
    ]


def test_axe_finds_no_violation_on_what_others_see(browser_of):
    for who, path in (
        ("annotator", "/dashboard"),
        ("annotator", "/rules"),
        ("auditor", "/rules/rule?name=act-now"),
    ):
        page = browser_of(who, path, expect=("403",))
        assert violations(page, f"{path} of {who}") == []


def test_motion_is_reduced_where_it_is_asked_for(browser_of):
    page = browser_of(None, "/login", reduced_motion="reduce")
    assert (
        page.evaluate("() => getComputedStyle(document.querySelector('button')).transitionDuration") == "0s"
    )
