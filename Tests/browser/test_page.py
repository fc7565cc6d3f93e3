# SPDX-License-Identifier: MIT
"""The admin page in a real browser, from the sign-in to the refusal of a key that was deactivated."""

import openai
import pytest
from selenium.webdriver.common.keys import Keys

import keyring
from administration import ADMIN_KEY, House
from browser import AdminPage, Browser

WORDS = {
    "en": {"language": "en", "usage": "Usage", "deactivate": "Deactivate", "limits": "Limits", "active": "Active",
           "deactivated": "Deactivated", "requests": "Requests", "copied": "Copied", "first": "No. 1"},
    "zh-CN": {"language": "zh-Hans", "usage": "统计", "deactivate": "停用", "limits": "限制", "active": "有效",
              "deactivated": "已停用", "requests": "请求", "copied": "已复制", "first": "编号 1"},
}


def converse(house: House, key: str) -> str:
    """What a caller hears; it is in the log when this returns."""
    before = len(house.conversations(0))
    client = openai.OpenAI(base_url=f"{house.edge.url}/v1", api_key=key, max_retries=0)
    answer = client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "hello there"}])
    house.conversations(before + 1)
    return answer.choices[0].message.content


def tile(browser: Browser, name: str) -> str:
    tiles = dict(zip(browser.text("usage-sums").split("\n")[::2], browser.text("usage-sums").split("\n")[1::2]))
    return tiles.get(name, "")


def see_usage(page: AdminPage, name: str, words: dict, requests: str) -> None:
    """Waits until these are the requests of a key."""
    page.tab("keys")
    page.browser.act("keys-list", name, words["usage"])
    page.browser.wait(lambda: tile(page.browser, words["requests"]) == requests, f"{requests} in the sums")


@pytest.mark.parametrize("language", WORDS)
def test_the_life_of_a_key(house, browsers, language):
    words = WORDS[language]
    browser = browsers(language=language)
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "origin": house.edge.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page = AdminPage(browser, house.edge.url)
    assert browser.find("html[lang]").get_attribute("lang") == words["language"]
    page.sign_in(ADMIN_KEY)
    page.add_user("alice", "alice@example.com")
    assert words["first"] in browser.row_text("users-list", "alice")  # which 004's calls go by
    key = page.issue("alice", "laptop", **{"key-requests": "60", "key-models": "gpt-*, o1"})
    assert key.startswith("sk-ef-")
    browser.click("copy")
    browser.sees("status", words["copied"])
    assert browser.driver.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, (error) => done(String(error)))") == key
    browser.click("issued-done")
    browser.wait(lambda: browser.driver.execute_script("return !document.getElementById('issued-key').value"), "it is gone")
    assert key not in browser.driver.page_source
    assert "60" in browser.row_text("keys-list", "laptop") and "gpt-*, o1" in browser.row_text("keys-list", "laptop")
    assert converse(house, key)
    see_usage(page, "laptop", words, "1")
    browser.sees("models", "gpt-4")
    browser.sees("endpoints", "/v1/chat/completions")
    page.tab("keys")
    browser.act("keys-list", "laptop", words["deactivate"])
    browser.sees("confirm-text", "laptop")
    browser.click("confirm-yes")
    browser.wait(lambda: words["deactivated"] in browser.row_text("keys-list", "laptop"), "the new status")
    with pytest.raises(openai.AuthenticationError):
        converse(house, key)
    browser.click("sign-out")
    browser.find("admin-key")
    assert key.encode() not in house.everything() and ADMIN_KEY.encode() not in house.everything()


def test_keys_alone(house, browsers):
    """Without a mouse: everything is reached with Tab, arrows, Enter and Escape, and the focus is always seen."""
    browser = browsers()
    page = AdminPage(browser, house.edge.url)
    browser.find("admin-key")
    browser.press(*ADMIN_KEY, Keys.ENTER)
    browser.wait(lambda: browser.focused.get_attribute("id") == "tab-usage", "the first tab has the focus")
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.focused.get_attribute("id") == "tab-users"
    browser.tab_to("add-user")
    browser.press(Keys.ENTER, *"bob", Keys.ENTER)
    browser.row("users-list", "bob")
    assert browser.focused.get_attribute("id") == "add-user", "a dialog gives the focus back"
    browser.press_back()
    browser.press_back()
    assert browser.focused.get_attribute("id") == "tab-users"
    browser.press(Keys.ARROW_LEFT)
    browser.tab_to("issue")
    browser.press(Keys.ENTER)
    browser.find("key-dialog")
    browser.press(Keys.ESCAPE)
    browser.wait(lambda: not browser.is_shown("dialog"), "Escape closes")
    browser.press(Keys.ENTER, Keys.TAB, *"notebook", Keys.ENTER)
    key = browser.value("issued-key")
    assert browser.focused.get_attribute("id") == "copy"
    browser.press(Keys.TAB, Keys.ENTER)
    browser.row("keys-list", "notebook")
    assert converse(house, key)
    for _ in range(6):
        browser.press(Keys.TAB)
        if browser.focused.text == "Deactivate":
            break
    browser.press(Keys.ENTER)
    browser.find("confirm-dialog")
    assert browser.focused.text == "Cancel", "the harmless one comes first"
    browser.press(Keys.ENTER)
    assert converse(house, key)
    browser.press(Keys.ENTER, Keys.TAB, Keys.ENTER)
    browser.wait(lambda: "Deactivated" in browser.row_text("keys-list", "notebook"), "the new status")
    with pytest.raises(openai.AuthenticationError):
        converse(house, key)


def test_a_wrong_key_is_told_and_does_not_stay(house, browsers):
    browser = browsers()
    page = AdminPage(browser, house.edge.url)
    page.sign_in("guess")
    browser.sees("sign-in-error", "Incorrect admin key")
    assert browser.value("admin-key") == ""
    page.sign_in(ADMIN_KEY)
    browser.find("tab-usage")


def test_on_the_admin_port_nobody_signs_in(house, browsers):
    browser = browsers()
    AdminPage(browser, f"http://127.0.0.1:{house.port}")
    browser.find("tab-usage")
    assert not browser.is_shown("#sign-in") and not browser.is_shown("#sign-out")


def test_a_sign_in_that_is_over(house, browsers):
    browser = browsers()
    page = AdminPage(browser, house.edge.url)
    page.sign_in(ADMIN_KEY)
    page.add_user("alice")
    browser.driver.delete_all_cookies()
    page.tab("keys")
    browser.sees("sign-in-error", "sign in again")
    assert "alice" not in browser.driver.find_element("tag name", "main").get_attribute("innerText")


def test_texts_stay_texts(house, browsers):
    """A user's name is no markup."""
    name = "<img src=x onerror=alert(1)>"
    house.user(name)
    house.key(1, "<b>bold</b>")
    browser = browsers()
    page = AdminPage(browser, f"http://127.0.0.1:{house.port}")
    page.tab("users")
    browser.row("users-list", name)
    page.tab("keys")
    browser.row("keys-list", "<b>bold</b>")
    assert browser.driver.find_elements("css selector", "main img, main b") == []


def test_limits_and_filters(house, browsers):
    alice, bob = house.user("alice"), house.user("bob")
    house.key(alice, "one")
    house.key(bob, "two", requests_per_minute=5)
    browser = browsers()
    page = AdminPage(browser, f"http://127.0.0.1:{house.port}")
    page.tab("keys")
    browser.act("keys-list", "two", "Limits")
    assert browser.value("key-requests") == "5"
    browser.type("key-requests", "")
    browser.type("key-tokens", "1000")
    browser.click("key-submit")
    browser.sees("keys-list", "1K tokens/day")
    assert house.do("GET", f"/admin/api-keys?user_id={bob}")["api_keys"][0]["requests_per_minute"] is None
    browser.pick("keys-user", "alice")
    browser.wait(lambda: "two" not in browser.text("keys-list"), "only alice's")
    browser.row("keys-list", "one")
    browser.type("keys-user", "")
    browser.press(Keys.TAB)
    browser.type("keys-search", "tw")
    browser.wait(lambda: "one" not in browser.text("keys-list"), "only what was sought")
    browser.row("keys-list", "two")


def test_both_languages(house, browsers):
    browser = browsers()
    page = AdminPage(browser, house.edge.url)
    browser.sees("sign-in-title", "Sign in")
    browser.click("language")
    browser.sees("sign-in-title", "登录")
    page.sign_in(ADMIN_KEY)
    browser.sees("tab-keys", "密钥")
    browser.driver.refresh()
    browser.sees("tab-keys", "密钥")
    browser.click("language")
    browser.sees("tab-keys", "API keys")


def test_among_very_many(house, browsers):
    """The page holds neither all users nor all keys: a field asks the gateway for what is typed, name or number."""
    keys = keyring.Keyring(house.edge.state)
    for number in range(1, 1301):
        keys.add(f"user {number:04}")
    mine = [keys.issue(user=1234) for _ in range(3)]
    for _ in range(1300):
        keys.issue(user=1)
    browser = browsers()
    page = AdminPage(browser, f"http://127.0.0.1:{house.port}")
    browser.pick("usage-user", "user 1234")
    browser.type("usage-key", str(mine[1].id))
    browser.wait(lambda: browser.driver.find_elements("css selector", "#usage-key-offers option"), "offers")
    browser.press(Keys.TAB)
    browser.wait(lambda: browser.value("usage-key") == f"key{mine[1].id} (user 1234, No. {mine[1].id})", "the key is chosen")
    page.tab("keys")
    assert len(browser.driver.find_elements("css selector", "#keys-list tbody tr")) <= 200
    browser.pick("keys-user", "user 1234")
    browser.wait(lambda: len(browser.driver.find_elements("css selector", "#keys-list tbody tr")) == 3, "theirs alone")
    browser.type("keys-user", "nobody")
    browser.press(Keys.TAB)
    assert browser.wait(lambda: browser.find("keys-user").get_property("validationMessage"), "it is none of them")
    assert page.issue("user 1299", "far").startswith("sk-ef-")
    assert house.do("GET", "/admin/api-keys?user_id=1299")["api_keys"][0]["name"] == "far"
