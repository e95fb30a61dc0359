"""tools/handout.py: pages that hold all of a notebook, ask for nothing, and keep their answers folded.

What a page should hold is read from the notebook's JSON here, with nothing of the tool.
"""

import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from tools import handout

FOLDER = Path(__file__).parents[1] / "notebooks"
STORED = sorted(path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
SILENT = {"pre", "code", "style", "math"}  # where $ and \ are meant as they stand
VOID = {"meta", "img", "br", "hr"}


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, and its running text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if not SILENT & set(self.open):
            self.text += f"{data} "

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def markdown(cells):
    """The source of all text cells, without what stands in code."""
    source = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.sub(r"`[^`]*`", "", source)


@pytest.fixture(scope="module", params=STORED, ids=lambda path: path.relative_to(FOLDER).as_posix())
def chapter(request):
    """The cells of a notebook, and its page, as text and taken apart."""
    cells = json.loads(request.param.read_text(encoding="utf-8"))["cells"]
    text = handout.page(request.param)
    return cells, text, Page(text)


def pictures(cells):
    """The bytes of every picture, with its text: that which was given for it, or else the output's text form."""
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        if "image/png" in output.get("data", {}):
            text = output["metadata"].get("image/png", {}).get("alt") or "".join(output["data"]["text/plain"])
            yield b64decode("".join(output["data"]["image/png"])), text


def test_a_page_asks_for_nothing(chapter):
    _, _, page = chapter
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), tag
        if "src" in attributes:
            assert attributes["src"].startswith("data:image/png;base64,")


def test_every_picture_is_there_with_its_text_form(chapter):
    cells, _, page = chapter
    wanted = list(pictures(cells))
    shown = [(b64decode(image["src"].partition(",")[2]), image["alt"]) for image in page.all("img")]
    assert shown == wanted
    for _, text in wanted:
        assert len(text) > 20 and not text.startswith("<"), text


def test_every_formula_is_mathml(chapter):
    cells, _, page = chapter
    formulas = re.findall(r"\$\$(?:.+?)\$\$|\$(?:.+?)\$", markdown(cells), re.DOTALL)
    headings = [line for line in markdown(cells).splitlines() if line.startswith("## ")]
    again = sum(len(re.findall(r"\$.+?\$", heading)) for heading in headings)  # in the list of sections
    assert len(page.all("math")) == len(formulas) + again
    assert "$" not in page.text
    assert "\\" not in page.text


def test_answers_are_folded(chapter):
    cells, _, page = chapter
    details = page.all("details")
    assert len(details) == markdown(cells).count("<details>")
    assert not any("open" in attributes for attributes in details)
    assert "details" not in page.open  # each is closed again


def test_all_words_of_the_text_are_there(chapter):
    cells, _, page = chapter
    source = re.sub(r"\$\$.+?\$\$|\$.+?\$|<[^>]+>|\]\([^)]*\)", " ", markdown(cells), flags=re.DOTALL)
    assert set(re.findall(r"[^\W\d_]{3,}", source)) <= set(re.findall(r"[^\W\d_]{3,}", page.text))


def test_every_link_inside_leads_somewhere(chapter):
    _, _, page = chapter
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    pages = {path.with_suffix(".html").name for path in STORED}
    links = [attributes["href"] for attributes in page.all("a")]
    assert sum(link.startswith("#") for link in links) == len(page.all("h2"))
    for link in links:
        assert link.removeprefix("#") in ids if link.startswith("#") else link in pages


@pytest.fixture(scope="module")
def phone(browser_path):
    """A page of a browser with the width of a phone."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


def test_on_a_phone_nothing_is_wider_than_the_screen_and_an_answer_opens_at_a_tap(chapter, phone, tmp_path):
    target = tmp_path / "page.html"
    target.write_text(chapter[1], encoding="utf-8")
    requests, said = [], []
    phone.on("request", lambda request: requests.append(request.url))
    phone.on("console", lambda message: said.append(message.text))
    phone.goto(target.as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for image in phone.locator("img").all():
        assert image.evaluate("image => image.naturalWidth") > 0
    for details in phone.locator("details").all():
        height = details.bounding_box()["height"]
        details.locator("summary").click()
        assert details.bounding_box()["height"] > height
    assert [url for url in requests if not url.startswith("data:")] == [target.as_uri()]
    assert said == []


def test_a_formula_that_cannot_be_shown_is_named(tmp_path):
    path = tmp_path / "wrong.ipynb"
    for formula in (r"\left( x", r"\nosuchcommand x"):
        cells = [new_markdown_cell("# Title"), new_markdown_cell(f"so ${formula}$", id="the-cell")]
        nbformat.write(new_notebook(cells=cells), path)
        with pytest.raises(handout.Failure, match=r"wrong\.ipynb, cell the-cell: no MathML for"):
            handout.page(path)


def test_a_matrix_and_a_brace_grow_without_a_font_for_mathematics():
    matrix = handout.mathml(r"\begin{bmatrix} x \\ h \end{bmatrix}", "block")
    assert '<mtable class="bracketed">' in matrix
    assert "&#x0005B;" not in matrix and "&#x0005D;" not in matrix
    assert handout.mathml(r"\underbrace{a + b}_{\text{two}}", "block").count("<munder>") == 2


def test_pages_are_written_where_they_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(handout, "HANDOUT", tmp_path / "handout")
    monkeypatch.setattr(handout, "page", lambda path: f"{path.name}: 안녕")
    assert handout.main(["01_rnn", "03_bptt.ipynb"]) == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "handout").iterdir()}
    assert written == {"01_rnn.html": "01_rnn.ipynb: 안녕", "03_bptt.html": "03_bptt.ipynb: 안녕"}
    assert "01_rnn.html" in capsys.readouterr().out
    with pytest.raises(handout.Failure, match="no notebook '09_attention'"):
        handout.main(["09_attention"])
