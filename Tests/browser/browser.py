# SPDX-License-Identifier: MIT
"""Debian's Chromium, driven as a person uses it."""

from pathlib import Path

from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 40
# What the tests provoke: answers that are no success are in the browser's log, too.
EXPECTED = "Failed to load resource: the server responded with a status of 4"


class Browser:
    """A browser with one window."""

    def __init__(self, profile: Path, width: int = 1280, height: int = 900, dark: bool = False, language: str = "en"):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-gpu",
                     "--force-color-profile=srgb", f"--user-data-dir={profile}", f"--lang={language}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.resize(width, height)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [theme, {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def resize(self, width: int, height: int) -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})

    def quit(self) -> None:
        self.driver.quit()

    def faults(self) -> list[str]:
        """What the browser complained of."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING") and EXPECTED not in entry["message"]]

    def open(self, url: str) -> None:
        self.driver.get(url)

    def wait(self, claim, what: str):
        # What the page draws anew meanwhile is looked for again.
        passing = (NoSuchElementException, StaleElementReferenceException)
        return WebDriverWait(self.driver, PATIENCE, 0.05, passing).until(lambda _: claim(), f"waited in vain: {what}")

    def find(self, name: str) -> WebElement:
        """What is seen under an id or a selector."""
        by = By.ID if name.replace("-", "").isalnum() else By.CSS_SELECTOR
        return self.wait(lambda: next((one for one in self.driver.find_elements(by, name) if one.is_displayed()), None), name)

    def click(self, name: str) -> None:
        self.find(name).click()

    def type(self, name: str, text: str) -> None:
        field = self.find(name)
        field.clear()
        field.send_keys(text)

    def choose(self, name: str, text: str) -> None:
        Select(self.find(name)).select_by_visible_text(text)

    def pick(self, name: str, text: str) -> None:
        """Types into a field that finds one of many, until the gateway offers it, and chooses that."""
        self.type(name, text)
        offers = f"#{name}-offers option"
        self.wait(lambda: [one.get_attribute("value") for one in self.driver.find_elements(By.CSS_SELECTOR, offers)] == [text],
                  f"the offer of {text}")
        self.find(name).send_keys(Keys.TAB)

    def text(self, name: str) -> str:
        return self.find(name).text

    def value(self, name: str) -> str:
        return self.find(name).get_attribute("value")

    def sees(self, name: str, text: str) -> None:
        """Waits until this is to be read there."""
        self.wait(lambda: text in self.text(name), f"{text!r} in {name}")

    def is_shown(self, name: str) -> bool:
        return any(one.is_displayed() for one in self.driver.find_elements(By.CSS_SELECTOR, name))

    def row(self, table: str, name: str) -> WebElement:
        """The row of that name."""
        def look():
            rows = self.driver.find_elements(By.CSS_SELECTOR, f"#{table} tbody tr")
            return next((row for row in rows if row.find_element(By.TAG_NAME, "th").text.split("\n")[0] == name), None)
        return self.wait(look, f"{name} in {table}")

    def row_text(self, table: str, name: str) -> str:
        return self.wait(lambda: self.row(table, name).text, f"{name} in {table}")

    def act(self, table: str, name: str, label: str) -> None:
        """Presses a row's button."""
        button = f'button[aria-label="{label}: {name}"]'
        self.wait(lambda: self.row(table, name).find_element(By.CSS_SELECTOR, button).click() or True, f"{label} of {name}")

    # Keys alone.
    @property
    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def press(self, *keys: str) -> None:
        for key in keys:
            webdriver.ActionChains(self.driver).send_keys(key).perform()

    def press_back(self) -> None:
        """Shift and Tab."""
        webdriver.ActionChains(self.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()

    def tab_to(self, identity: str, most: int = 40) -> None:
        """Goes on with Tab until that has the focus."""
        for _ in range(most):
            if self.focused.get_attribute("id") == identity:
                return
            self.press(Keys.TAB)
            assert self.is_focus_visible(), f"the focus on {self.focused.get_attribute('outerHTML')[:120]} is not seen"
        raise AssertionError(f"Tab does not lead to {identity}")

    def is_focus_visible(self) -> bool:
        return self.driver.execute_script(
            "const one = document.activeElement; return one === document.body || getComputedStyle(one).outlineStyle !== 'none'")

    # Looks.
    def violations(self) -> list[str]:
        """What axe finds wrong for people who use the page otherwise than by looking at it, serious or worse."""
        found = Axe().run(self.driver)["violations"]
        return [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:4]}"
                for one in found if one["impact"] in ("serious", "critical")]

    def overflow(self) -> int:
        """By how much the page is wider than its window."""
        return self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def screenshot(self) -> bytes:
        return self.driver.get_screenshot_as_png()


class AdminPage:
    """The admin page in a browser."""

    def __init__(self, browser: Browser, url: str):
        self.browser = browser
        browser.open(f"{url}/admin")

    def sign_in(self, key: str) -> None:
        self.browser.type("admin-key", key)
        self.browser.click("#sign-in-form button")

    def tab(self, name: str) -> None:
        self.browser.click(f"tab-{name}")

    def add_user(self, name: str, email: str = "") -> None:
        self.tab("users")
        self.browser.click("add-user")
        self.browser.type("user-name", name)
        self.browser.type("user-email", email)
        self.browser.click("#user-form .primary")
        self.browser.row("users-list", name)

    def issue(self, user: str, name: str, **fields: str) -> str:
        """The new key, as it is shown."""
        self.tab("keys")
        self.browser.click("issue")
        self.browser.pick("key-user", user)
        for field, text in {"key-name": name, **fields}.items():
            self.browser.type(field, text)
        self.browser.click("key-submit")
        return self.browser.value("issued-key")
