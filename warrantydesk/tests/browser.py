"""A real browser for the faces: a `visitor` opens pages of the live server, complains, photographs, and is logged in.

Use: `@pytest.mark.browser` and the fixtures `visitor` and `live_server`. A visitor fails its test for every error in
the console and every violation of the Content Security Policy, also those nobody looked for. Photographs go to
var/screenshots (or $SCREENSHOTS), which git ignores; SCREENSHOTS=off takes none and still looks for what sticks out:
a second run of the same pages, on another database, has no other pictures to show.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

PATIENCE = 30  # seconds
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip
WIDTHS = (390, 1024, 1440)
SCHEMES = ("light", "dark")
HEIGHT = 900
PHOTOGRAPHED = os.environ.get("SCREENSHOTS") != "off"
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS", Path(settings.BASE_DIR) / "var" / "screenshots"))
# In the second scheme only the colours can be wrong: the page is the same.
AXE: dict[str, dict[str, Any]] = {scheme: {"resultTypes": ["violations"]} for scheme in SCHEMES}
AXE["dark"]["runOnly"] = {"type": "rule", "values": ["color-contrast"]}
# In a second language only the words can be wrong: the colours are the same.
AXE["words"] = {**AXE["light"], "rules": {"color-contrast": {"enabled": False}}}

# Runs before any script of a page, outside its policy: a blocked style or script says so even if nobody listens.
_WATCH_POLICY = """
window.policyViolations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI || event.sample}`);
});
"""


class Visitor:
    """One person at one browser window of the live server at `address`."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.scheme = SCHEMES[0]
        self.problems: list[str] = []
        # What a test provokes on purpose and therefore expects to read in the console.
        self.expected: list[str] = []
        page.add_init_script(_WATCH_POLICY)
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not any(words in text for words in self.expected):
            self.problems.append(f"console: {text}")

    def log_in(self, user: Any) -> None:
        """As `user`, without the log-in page: that has a test of its own."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])

    def open(self, path: str, until: str = "networkidle") -> Any:
        """Go to a path of the desk; the response. A page that fetches nothing by itself is there with its `load`."""
        return self.page.goto(f"{self.address}{path}", wait_until=until)

    def wait_until(self, script: str) -> None:
        """Wait until a JavaScript function without arguments says yes.

        Playwright's own `wait_for_function` may evaluate the text within the page, which the page's policy forbids.
        """
        until = monotonic() + PATIENCE
        while not self.page.evaluate(script):
            assert monotonic() < until, f"{script} never held"
            self.page.wait_for_timeout(20)

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        # Sizes follow at once, media queries with the next frame: measured in between, a phone has a desk's layout.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def photograph(self, name: str, widths: tuple[int, ...] = WIDTHS) -> None:
        """The page at these widths, light and dark, into SCREENSHOTS; and nothing of it may stick out sideways."""
        for scheme in SCHEMES if PHOTOGRAPHED else ():
            self.show_in(scheme)
            for width in widths:
                self.resize(width)
                self.page.evaluate("scrollTo(0, 0)")  # or what sticks to the top stands in the middle of the picture
                path = SCREENSHOTS / f"{name}-{width}-{scheme}.png"
                # To hide the caret Playwright writes an inline style, which the page's policy would report.
                self.page.screenshot(path=path, full_page=True, animations="disabled", caret="initial")
        for width in widths:
            self.resize(width)
            self.expect_no_overflow(name, width)
        self.show_in("light")

    def photograph_only(self, what: Any, name: str) -> None:
        """One thing of the page, as it stands there now."""
        if PHOTOGRAPHED:
            what.screenshot(path=SCREENSHOTS / f"{name}.png")

    def show_in(self, scheme: str) -> None:
        """Light or dark, and painted so.

        Chromium now and then keeps the old colour of an element that inherits one from light-dark(): taking the page
        out of the rendering and putting it back makes it work out every colour anew.
        """
        if scheme == self.scheme:
            return
        self.scheme = scheme
        self.page.emulate_media(color_scheme=scheme)
        self.wait_until(f"() => matchMedia('(prefers-color-scheme: {scheme})').matches")
        self.page.evaluate(
            """async () => {
              const frame = () => new Promise((done) => requestAnimationFrame(done));
              const root = document.documentElement;
              const [x, y] = [scrollX, scrollY];
              root.hidden = true;
              root.offsetHeight;
              root.hidden = false;
              scrollTo(x, y);
              await frame();
              await frame();
            }"""
        )

    def expect_no_overflow(self, name: str, width: int) -> None:
        too_wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, f"{name} at {width} px is {too_wide} px wider than the window"

    def expect_accessible(self, schemes: tuple[str, ...] = SCHEMES) -> None:
        """axe finds nothing (WCAG 2.2 AA), in light and in dark; with "words" it does not measure colours."""
        from axe_playwright_python.base import AXE_SCRIPT, AxeResults

        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for scheme in schemes:
            self.show_in("light" if scheme == "words" else scheme)
            # What it found right would be some hundred kilobytes on their way here.
            violations = self.page.evaluate("async (options) => (await axe.run(options)).violations", AXE[scheme])
            assert not violations, f"{scheme}: {AxeResults({'violations': violations}).generate_report()}"
        self.show_in("light")

    def expect_no_problems(self) -> None:
        violations = self.page.evaluate("() => window.policyViolations || []")
        assert not self.problems, self.problems
        assert not violations, violations


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium, started once for a module of tests. Its absence is said out loud.

    Not for longer: Playwright keeps an event loop running in this thread, and code that starts one of its own would
    stumble over it in every test that follows.
    """
    if not shutil.which(CHROMIUM):
        if os.environ.get("CI"):
            pytest.fail(f"There is no Chromium at {CHROMIUM}: CI allows no such skip.")
        pytest.skip(f"THERE IS NO CHROMIUM AT {CHROMIUM}: install Debian's chromium, or set CHROMIUM to its path.")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, and Django takes that for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if PHOTOGRAPHED:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def visitor(chromium: Any, live_server: Any) -> Iterator[Visitor]:
    """A fresh window, 1440 px wide, nobody logged in. At the end the console must have been silent."""
    context = chromium.new_context(viewport={"width": WIDTHS[-1], "height": HEIGHT}, reduced_motion="reduce")
    person = Visitor(context.new_page(), live_server.url)
    yield person
    person.expect_no_problems()
    context.close()
