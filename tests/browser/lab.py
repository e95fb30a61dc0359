"""Driving the lecture as a person meets it: a JupyterLab server on loopback, a browser, a notebook open in both.

Plain functions and context managers, so that the browser tests and bench/latency.py do the same.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parents[2]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
PATIENCE = 180_000  # ms; only a bound for a hang, nothing is asserted about time
TOKEN = "lecture"
PICTURE = ".lecture-pictures"  # the picture of an explorer, within the explorer: a chart, a diagram, or both


def find_browser():
    """The path of a Chromium, Chrome or Edge, or None. LECTURE_BROWSER, where set, is the only place looked at."""
    chosen = os.environ.get("LECTURE_BROWSER")
    return next(filter(None, map(shutil.which, [chosen] if chosen else BROWSERS)), None)


@contextmanager
def serve(home):
    """The address of a JupyterLab on `home/notebooks`, which also has its settings, and the lecture's, in `home`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    overrides = home / "jupyter_config_dir" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(NO_NEWS), encoding="utf-8")
    variables = os.environ | {name: str(home / name.lower()) for name in FOLDERS}
    variables |= {"LECTURE_SETTINGS": str(home / "settings.json"), "PYTHONPATH": str(PROJECT)}
    variables.pop("LECTURE_COMMITTED", None)  # a learner commits to guesses
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


@contextmanager
def chromium(path):
    """The browser at this path, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


class Visit:
    """One notebook open in JupyterLab, and what the browser asked for and complained about."""

    WIDGET = "application/vnd.jupyter.widget-view+json"

    def __init__(self, browser, server, name, script=None):
        """`script` is the path of JavaScript that the page runs first."""
        self.page = browser.new_page(viewport={"width": 1366, "height": 1150})
        if script is not None:
            self.page.add_init_script(path=script)
        self.page.set_default_timeout(PATIENCE)
        self.complaints, self.hosts = [], set()
        self.page.on("console", lambda message: self.heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.heard("error", str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url)._replace(path="", query="")))
        self.page.goto(f"{server}/lab/tree/{name}?reset&token={TOKEN}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function("window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel")

    def heard(self, kind, words):
        if kind == "error":
            self.complaints.append(words)

    def command(self, name, arguments=None):
        self.page.evaluate(
            "([name, given]) => window.jupyterapp.commands.execute(name, given)", [name, arguments or {}]
        )

    def until(self, condition, what):
        """Waits until condition() holds; `what` says, in words or by a call, what is wrong if it never does."""
        for _ in range(PATIENCE // 50):
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(what if isinstance(what, str) else what())

    def run_all(self):
        """Runs all cells and waits until each has ended and each widget is drawn."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(
            """widget => {
                const panel = window.jupyterapp.shell.currentWidget;
                const drawn = cell => cell.model.outputs.toJSON().every(output => !(widget in (output.data ?? {})))
                    || cell.node.querySelector('.jp-OutputArea .lecture') !== null;
                const cells = panel.content.widgets.filter(cell => cell.model.type === 'code');
                return panel.sessionContext.session.kernel.status === 'idle' && cells.every(cell =>
                    cell.model.executionCount !== null && cell.promptNode.innerText !== '[*]:' && drawn(cell));
            }""",
            arg=self.WIDGET,
        )

    def restart_and_run_all(self):
        """A new kernel, and nothing of what the old one drew when the cells run again."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        self.command("notebook:clear-all-cell-outputs")
        self.page.wait_for_function("() => document.querySelector('.jp-OutputArea .lecture') === null")
        self.run_all()

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
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def stayed_here(self):
        """Whether nothing was asked of any host but this machine."""
        return {host.hostname for host in self.hosts if host.scheme.startswith(("http", "ws"))} == {"127.0.0.1"}

    def close(self):
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()


def open_the_answer(page, explorer):
    """Commits to the first guess of a predict-first explorer, by keyboard."""
    radio = explorer.locator("input[type=radio]")
    if radio.count():
        assert not explorer.locator(PICTURE).is_visible(), "the answer shows before a guess"
        radio.first.focus()
        page.keyboard.press("Space")
        explorer.locator("button").first.focus()
        page.keyboard.press("Enter")
        explorer.locator(PICTURE).wait_for(state="visible")
