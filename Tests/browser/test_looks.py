# SPDX-License-Identifier: MIT
"""How the page looks and reads: on a screen and on a phone, light and dark, for people and for what reads to them.

With SCREENSHOTS=docs/screenshots the pictures are taken anew, with SCREENSHOTS=DIRECTORY ALL=1 those of every view.
"""

import datetime
import os
from pathlib import Path

import pytest

import history
from administration import ADMIN_KEY, House
from browser import AdminPage, Browser

PLACES = os.environ.get("SCREENSHOTS")
KEPT = ["usage-desktop-light", "keys-desktop-dark", "usage-phone-dark", "keys-phone-light"]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture
def lived_in(house) -> House:
    """A gateway that was in use for a month."""
    for name in ("alice", "bob", "研究组"):
        house.do("POST", "/admin/users", {"username": name, "email": f"{name}@example.com" if name.isascii() else None})
    for user, name, limits in [
            (1, "laptop", {}), (1, "ci", {"requests_per_minute": 60, "tokens_per_day": 2_000_000}),
            (2, "notebook", {"allowed_models": ["gpt-*", "claude-*"], "expires_at": "2999-03-31T23:59:59"}),
            (3, "batch", {"tokens_per_day": 50_000_000}), (2, "old laptop", {})]:
        house.key(user, name, **limits)
    house.do("DELETE", "/admin/api-keys/5")
    history.write(house.edge.state, datetime.datetime.now(datetime.UTC).date())
    return house


def keep(browser: Browser, name: str) -> None:
    if PLACES and (name in KEPT or "ALL" in os.environ):
        Path(PLACES).mkdir(parents=True, exist_ok=True)
        Path(PLACES, f"{name}.png").write_bytes(browser.screenshot())


def check(browser: Browser, name: str) -> None:
    keep(browser, name)
    assert browser.overflow() == 0, f"{name} is wider than its window"
    assert browser.violations() == [], name


@pytest.mark.parametrize("size, theme, language", [("desktop", "light", "en"), ("phone", "dark", "zh-CN")])
def test_every_view(lived_in, browsers, size, theme, language):
    width, height = SIZES[size]
    browser = browsers(width=width, height=height, dark=theme == "dark", language=language)
    page = AdminPage(browser, lived_in.edge.url)
    browser.find("admin-key")
    check(browser, f"sign-in-{size}-{theme}")
    page.sign_in(ADMIN_KEY)
    browser.sees("models", "glm-4.6")
    browser.wait(lambda: browser.is_shown("#live .tile"), "what is live")
    check(browser, f"usage-{size}-{theme}")
    browser.click("#usage details summary")
    browser.click('#measure [value="requests"]')
    check(browser, f"table-{size}-{theme}")
    page.tab("keys")
    browser.row("keys-list", "notebook")
    check(browser, f"keys-{size}-{theme}")
    browser.click("issue")
    check(browser, f"issue-{size}-{theme}")
    browser.click("#key-form [data-close]")
    page.issue("bob", "new")
    check(browser, f"issued-{size}-{theme}")
    browser.click("issued-done")
    browser.act("keys-list", "ci", "停用" if language == "zh-CN" else "Deactivate")
    check(browser, f"confirm-{size}-{theme}")
    browser.click("#confirm-dialog [data-close]")
    page.tab("users")
    browser.row("users-list", "bob")
    check(browser, f"users-{size}-{theme}")


@pytest.mark.parametrize("size, theme", [("desktop", "dark"), ("phone", "light")])
def test_the_other_way_round(lived_in, browsers, size, theme):
    width, height = SIZES[size]
    browser = browsers(width=width, height=height, dark=theme == "dark")
    page = AdminPage(browser, f"http://127.0.0.1:{lived_in.port}")
    browser.sees("models", "glm-4.6")
    browser.wait(lambda: browser.is_shown("#live .tile"), "what is live")
    keep(browser, f"usage-{size}-{theme}")
    assert browser.overflow() == 0
    page.tab("keys")
    browser.row("keys-list", "notebook")
    check(browser, f"keys-{size}-{theme}")
