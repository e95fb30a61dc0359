"""The notebooks as a person meets them: a real JupyterLab server on loopback, a real browser, all cells run.

Each notebook is opened and run; no cell may end in an error; every explorer is seen; every control is moved by keyboard;
caption and picture follow. Nothing is asked of any host but this machine, and the browser's console stays clean.
Screenshots of every explorer, in the light and in the dark theme, go to the folder `screenshots` (ignored by git).
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

PROJECT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(
    path.relative_to(PROJECT / "notebooks").as_posix()
    for path in (PROJECT / "notebooks").rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
SHOTS = Path(__file__).with_name("screenshots")
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# What JupyterLab itself writes to the console: its own cancelled requests and deprecations, none of them ours.
NOT_OURS = re.compile(r"never matches anything at all")
PATIENCE = 60_000
TOKEN = "lecture"
# The number beside a slider's handle (its aria-valuenow has one decimal only).
BESIDE = "element => element.closest('.widget-hbox').querySelector('input').value"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a JupyterLab on a copy of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(PROJECT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = os.environ | {"LECTURE_SETTINGS": str(home / "settings.json"), "PYTHONPATH": str(PROJECT)}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home / 'notebooks'}",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with open(home / "server.log", "w", encoding="utf-8") as log:
        lab = subprocess.Popen(command, cwd=home, env=variables, stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                assert lab.poll() is None, (home / "server.log").read_text(encoding="utf-8")
                try:
                    urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5)
                    break
                except OSError:
                    time.sleep(0.2)
            yield address
        finally:
            lab.terminate()
            lab.wait(timeout=60)


@pytest.fixture(scope="module")
def browser(browser_path):
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """One notebook open in JupyterLab, and what the browser asked for and complained about."""

    def __init__(self, browser, server, name):
        self.page = browser.new_page(viewport={"width": 1366, "height": 1150})
        self.complaints, self.hosts = [], set()
        self.page.on("console", lambda message: self.heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.heard("error", str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url)._replace(path="", query="")))
        self.page.goto(f"{server}/lab/tree/{name}?reset&token={TOKEN}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel", timeout=PATIENCE
        )

    def heard(self, kind, words):
        if kind == "error" and not NOT_OURS.search(words):
            self.complaints.append(words)

    def command(self, name, arguments=None):
        self.page.evaluate(
            "([name, given]) => window.jupyterapp.commands.execute(name, given)", [name, arguments or {}]
        )

    def run_all(self):
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const cells = panel.content.widgets.filter(cell => cell.model.type === 'code');
                return panel.sessionContext.session.kernel.status === 'idle'
                    && cells.every(cell => cell.model.executionCount !== null && cell.promptNode.innerText !== '[*]:');
            }""",
            timeout=PATIENCE,
        )  # fmt: skip

    def outputs(self):
        """The outputs of all code cells, as the notebook format has them."""
        return json.loads(
            self.page.evaluate(
                """() => JSON.stringify(window.jupyterapp.shell.currentWidget.content.widgets
                    .filter(cell => cell.model.type === 'code').map(cell => cell.model.outputs.toJSON()))"""
            )
        )

    def theme(self, name):
        self.command("apputils:change-theme", {"theme": f"JupyterLab {name}"})
        light = "true" if name == "Light" else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached", timeout=PATIENCE)

    def explorers(self):
        return self.page.locator(".lecture-explorer").all()


def state(explorer):
    """What a move changes: the picture and the caption."""
    picture = explorer.locator("img.lecture-picture")
    return picture.get_attribute("src"), explorer.locator(".lecture-caption").last.inner_text()


def change(page, read, before, rounds=100):
    """What `read()` gives once it differs from `before`; `before` itself if it does not."""
    for _ in range(rounds):
        after = read()
        if after != before:
            return after
        page.wait_for_timeout(50)
    return before


def open_the_answer(page, explorer):
    """Commits to the first guess of a predict-first explorer, by keyboard."""
    radio = explorer.locator("input[type=radio]")
    if radio.count():
        assert not explorer.locator("img.lecture-picture").is_visible(), "the answer shows before a guess"
        radio.first.focus()
        page.keyboard.press("Space")
        explorer.locator("button").first.focus()
        page.keyboard.press("Enter")
        explorer.locator("img.lecture-picture").wait_for(state="visible", timeout=PATIENCE)


def controls(explorer):
    """All controls that can move now: (element, what tells its value, the key that moves it)."""
    for handle in explorer.locator(".noUi-handle").all():
        low, now, high = (float(handle.get_attribute(f"aria-value{part}")) for part in ("min", "now", "max"))
        if handle.is_visible() and low < high:
            assert handle.get_attribute("aria-label"), "a slider without a name"
            yield (
                handle,
                "element => element.getAttribute('aria-valuenow')",
                "ArrowRight" if now < high else "ArrowLeft",
            )
    for select in explorer.locator("select").all():
        last = select.evaluate("element => element.selectedIndex === element.options.length - 1")
        yield select, "element => element.selectedIndex", "ArrowUp" if last else "ArrowDown"
    for box in explorer.locator("input[type=checkbox]").all():
        yield box, "element => element.checked", "Space"


def try_controls(page, explorer):
    """One keyboard move per control: each control takes it, and picture and caption follow.

    A control need not change both wherever it stands; that each one changes the picture somewhere is tested without a
    browser (tests/test_explorers.py).
    """
    start = state(explorer)[1]
    followed = [False, False]
    for element, value, key in controls(explorer):
        before, stood = state(explorer), element.evaluate(value)
        element.focus()
        page.keyboard.press(key)
        moved = change(page, partial(element.evaluate, value), stood)
        assert moved != stood, f"{key} moved nothing in: {start}"
        after = change(page, lambda: state(explorer), before, rounds=20)
        followed = [one or a != b for one, a, b in zip(followed, before, after, strict=True)]
    for field in explorer.locator("input[type=number]").all()[:1]:
        handle = explorer.locator(".noUi-handle").first
        _, now, high = (float(handle.get_attribute(f"aria-value{part}")) for part in ("min", "now", "max"))
        before = state(explorer)
        field.focus()
        page.keyboard.press("ArrowUp" if now < high else "ArrowDown")
        page.keyboard.press("Enter")
        assert change(page, lambda: state(explorer), before) != before, f"a typed number moved nothing in: {start}"
    assert all(followed), f"picture, caption followed: {followed} in: {start}"


def try_film(page, explorer):
    """Play, pause and cancel by keyboard; the film advances and stops."""
    play = explorer.get_by_role("button", name="Play", exact=True)
    if not play.count():
        return
    before = state(explorer)
    play.focus()
    page.keyboard.press("Enter")
    assert change(page, lambda: state(explorer), before, rounds=400) != before, f"nothing plays in: {before[1]}"
    for name in ("Pause", "Cancel"):
        explorer.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
    stopped = "element => !/Running/.test(element.innerText)"
    page.wait_for_function(stopped, arg=explorer.element_handle(), timeout=PATIENCE)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_in_the_browser(name, browser, server):
    visit = Visit(browser, server, name)
    page = visit.page
    try:
        visit.run_all()
        errors = [output for cell in visit.outputs() for output in cell if output["output_type"] == "error"]
        assert errors == []
        promised = [output for cell in visit.outputs() for output in cell if "image/png" in output.get("data", {})]
        explorers = visit.explorers()
        assert len(explorers) >= len(promised)
        for n, explorer in enumerate(explorers, start=1):
            explorer.scroll_into_view_if_needed()
            open_the_answer(page, explorer)
            picture = explorer.locator("img.lecture-picture")
            page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle(), timeout=PATIENCE)
            assert picture.is_visible()
            assert picture.get_attribute("alt") or picture.get_attribute("title")
            shoot(visit, explorer, name, n)
            try_controls(page, explorer)
            try_film(page, explorer)
        assert visit.complaints == []
        assert {host.hostname for host in visit.hosts if host.scheme.startswith(("http", "ws"))} == {"127.0.0.1"}
    finally:
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        page.close()


def shoot(visit, explorer, name, n):
    """A screenshot in each theme."""
    SHOTS.mkdir(exist_ok=True)
    for theme in ("Dark", "Light"):
        visit.theme(theme)
        explorer.screenshot(path=SHOTS / f"{name.removesuffix('.ipynb').replace('/', '_')}_{n}_{theme.lower()}.png")
