"""The notebooks as a person meets them: a real JupyterLab server on loopback, a real browser, cells run.

Each notebook is opened and run; no cell may end in an error. What a cell computes is compared by nbval, so here only the
cells that show a widget are run; with all other cells as well it is a thorough test. In both every explorer is seen and
every control is moved by keyboard; caption and picture follow. Nothing is asked of any host but this machine, and the
browser's console stays clean.
Screenshots of every explorer, in the light and in the dark theme, go to the folder `screenshots` (ignored by git).
"""

import shutil
from functools import partial
from pathlib import Path

import nbformat
import pytest
from browser import lab
from browser.lab import PICTURE, open_the_answer

PROJECT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(
    path.relative_to(PROJECT / "notebooks").as_posix()
    for path in (PROJECT / "notebooks").rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
SHOTS = Path(__file__).with_name("screenshots")
# Of a picture: what it shows, whether all of it is there, what a screen reader calls each part.
SHOWN = "element => [...element.querySelectorAll('img, svg')].map(one => one.src ?? one.innerHTML).join()"
READY = """element => [...element.querySelectorAll('img, svg')].every(one =>
    one.matches('svg') ? one.getBBox().width > 0 : one.naturalWidth > 0)"""
NAMES = """element => [...element.querySelectorAll('img, svg:not(.lecture-layer svg)')]
    .map(one => one.alt ?? one.getAttribute('aria-label'))"""
# The number beside a slider's handle (its aria-valuenow has one decimal only).
BESIDE = "element => element.closest('.lecture-slider').querySelector('input').value"


def state(explorer):
    """What a move changes: the picture and the caption."""
    picture = explorer.locator(PICTURE)
    return picture.evaluate(SHOWN), explorer.locator(".lecture-caption").last.inner_text()


def change(page, read, before, rounds=600):
    """What `read()` gives once it differs from `before`; `before` itself if it does not."""
    for _ in range(rounds):
        after = read()
        if after != before:
            return after
        page.wait_for_timeout(50)
    return before


def controls(explorer):
    """All controls that can move now: (element, what tells its value, the key that moves it)."""
    for handle in explorer.locator(".noUi-handle").all():
        low, now, high = (float(handle.get_attribute(f"aria-value{part}")) for part in ("min", "now", "max"))
        if handle.is_visible() and low < high:
            assert handle.get_attribute("aria-label"), "a slider without a name"
            yield handle, BESIDE, "ArrowRight" if now < high else "ArrowLeft"
    for select in explorer.locator("select").all():
        last = select.evaluate("element => element.selectedIndex === element.options.length - 1")
        yield select, "element => element.selectedIndex", "ArrowUp" if last else "ArrowDown"
    for box in explorer.locator("input[type=checkbox]").all():
        yield box, "element => element.checked", "Space"


def try_controls(visit, explorer):
    """One keyboard move per control: each control takes it, and picture and caption follow.

    A control need not change both wherever it stands; that each one changes the picture somewhere is tested without a
    browser (tests/test_explorers.py).
    """
    page, seen = visit.page, [state(explorer)]
    start = seen[0][1]

    def look():
        seen.append(state(explorer))
        return seen[-1]

    def followed():
        look()
        return [len(set(part)) > 1 for part in zip(*seen, strict=True)]

    for element, value, key in controls(explorer):
        before, stood = look(), element.evaluate(value)
        element.focus()
        page.keyboard.press(key)
        moved = change(page, partial(element.evaluate, value), stood)
        assert moved != stood, f"{key} moved nothing in: {start}"
        change(page, look, before, rounds=20)
    for field in explorer.locator("input[type=number]").all()[:1]:
        handle = explorer.locator(".noUi-handle").first
        _, now, high = (float(handle.get_attribute(f"aria-value{part}")) for part in ("min", "now", "max"))
        before = look()
        field.focus()
        page.keyboard.press("ArrowUp" if now < high else "ArrowDown")
        page.keyboard.press("Enter")
        assert change(page, look, before) != before, f"a typed number moved nothing in: {start}"
    visit.until(lambda: all(followed()), lambda: f"picture, caption followed: {followed()} in: {start}")


def try_film(page, explorer):
    """Play, pause and cancel by keyboard; the film advances and stops."""
    play = explorer.get_by_role("button", name="Play", exact=True)
    if not play.count():
        return
    before = state(explorer)
    play.focus()
    page.keyboard.press("Enter")
    assert change(page, lambda: state(explorer), before) != before, f"nothing plays in: {before[1]}"
    for name in ("Pause", "Cancel"):
        explorer.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
    stopped = "element => !/Running/.test(element.innerText)"
    page.wait_for_function(stopped, arg=explorer.element_handle())


def widgets_of(cell):
    """How many widgets a cell shows: so many views the tool that stored it took out of its outputs (tools/notebooks.py)."""
    return sum("lecture" in output.get("metadata", {}) for output in cell.get("outputs", ()))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a JupyterLab on the notebooks; in the folder `widgets` they are cut to the cells that show one."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(PROJECT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in NOTEBOOKS:
        notebook = nbformat.read(home / "notebooks" / name, as_version=4)
        imports, *others = (cell for cell in notebook.cells if cell.cell_type == "code")
        notebook.cells = [imports, *filter(widgets_of, others)]
        cut = home / "notebooks" / "widgets" / name
        cut.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, cut)
    with lab.serve(home) as address:
        yield address


@pytest.mark.parametrize("folder", ["widgets/", pytest.param("", marks=pytest.mark.thorough, id="whole")])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_in_the_browser(name, folder, visit):
    visit = visit(folder + name)
    page = visit.page
    visit.run_all()
    outputs = [output for cell in visit.outputs() for output in cell]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    widgets = [output["data"] for output in outputs if visit.WIDGET in output.get("data", {})]
    stored = nbformat.read(PROJECT / "notebooks" / name, as_version=4)
    assert len(widgets) == sum(map(widgets_of, stored.cells)) > 0, "stored other than it runs"
    promised = [data for data in widgets if data.keys() & {"image/png", "image/svg+xml"}]
    explorers = page.locator(".lecture-explorer").all()
    assert len(explorers) + page.locator(".lecture-guess").count() >= len(promised)
    for n, explorer in enumerate(explorers, start=1):
        explorer.scroll_into_view_if_needed()
        open_the_answer(page, explorer)
        picture = explorer.locator(PICTURE)
        page.wait_for_function(READY, arg=picture.element_handle())
        assert picture.is_visible()
        names = picture.evaluate(NAMES)
        assert names and all(names)
        shoot(explorer, name, n, "light")
        try_controls(visit, explorer)
        try_film(page, explorer)
    visit.theme("Dark")
    for n, explorer in enumerate(explorers, start=1):
        shoot(explorer, name, n, "dark")
    visit.theme("Light")  # the server keeps it for the next notebook
    assert visit.complaints == []
    assert visit.stayed_here()


def shoot(explorer, name, n, theme):
    """A screenshot."""
    SHOTS.mkdir(exist_ok=True)
    explorer.screenshot(path=SHOTS / f"{name.removesuffix('.ipynb').replace('/', '_')}_{n}_{theme}.png")
