"""A JupyterLab with a copy of the notebooks, a browser, and the notebooks open in both: fixtures around lab.py."""

import shutil

import pytest
from browser import lab


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a JupyterLab on a copy of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    ignored = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(lab.PROJECT / "notebooks", home / "notebooks", ignore=ignored)
    with lab.serve(home) as address:
        yield address


@pytest.fixture(scope="module")
def browser(browser_path):
    pytest.importorskip("playwright.sync_api")
    with lab.chromium(browser_path) as started:
        yield started


@pytest.fixture
def visit(browser, server):
    """A function that opens a notebook by name and gives its Visit; all are closed at the end."""
    visits = []

    def opened(name):
        visits.append(lab.Visit(browser, server, name))
        return visits[-1]

    yield opened
    for one in visits:
        one.close()
