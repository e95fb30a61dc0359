"""tools/handout.py: pages that hold all of a notebook, ask for nothing, and keep their answers folded.

What a page should hold is read from the notebook's JSON here, with nothing of the tool.
"""

import json
import re
from base64 import b64decode
from html import escape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from fontTools.ttLib import TTFont
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

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
    """The bytes of every picture, or a diagram's SVG; with its text, which was given for it or is the output's text form."""
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        forms = {kind: "".join(form) for kind, form in output.get("data", {}).items()}
        text = output.get("metadata", {}).get("image/png", {}).get("alt") or forms.get("text/plain")
        if "image/svg+xml" in forms:
            yield forms["image/svg+xml"], text
        elif "image/png" in forms:
            yield b64decode(forms["image/png"]), text


def test_a_page_asks_for_nothing(chapter):
    _, _, page = chapter
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"]
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), tag
        if "src" in attributes or tag == "image":
            assert attributes["src" if "src" in attributes else "href"].startswith("data:image/png;base64,")


def test_every_picture_is_there_with_its_text_form(chapter):
    cells, _, page = chapter
    wanted = list(pictures(cells))
    shown = [(b64decode(image["src"].partition(",")[2]), image["alt"]) for image in page.all("img")]
    assert shown == [pair for pair in wanted if isinstance(pair[0], bytes)]
    drawn = [(svg["role"], svg["aria-label"]) for svg in page.all("svg")]
    assert drawn == [("img", text) for picture, text in wanted if isinstance(picture, str)]
    for _, text in wanted:
        assert len(text) > 20 and not text.startswith("<"), text


def values(style, start):
    """The variables of CSS in the rule that begins so."""
    return dict(re.findall(r"--([\w-]+): (#\w+);", style.partition(start)[2].partition("}")[0]))


def test_a_diagram_is_the_stored_one_in_the_colours_of_a_light_or_a_dark_page(chapter):
    cells, text, _ = chapter
    light, dark = values(text, ":root {"), values(text, ":root { color-scheme: dark;")
    assert light.keys() == dark.keys() >= {"text", "back", "l-ink", "l-paper"}
    assert (light["l-ink"], dark["l-ink"]) == ("#262626", "#E8E8E8")
    stored = [picture for picture, _ in pictures(cells) if isinstance(picture, str)]
    drawn = re.findall(r"<svg .*?</svg>", text, re.DOTALL)
    assert len(drawn) == len(stored)
    for was, now in zip(stored, drawn, strict=True):
        assert not re.search(r'="#', now)
        again = re.sub(r"var\(--([\w-]+)\)", lambda found: light[found[1]], now)
        one, other = (ElementTree.fromstring(svg) for svg in (was, again))
        for left, right in zip(one.iter(), other.iter(), strict=True):
            own = {name: value for name, value in left.attrib.items() if not name.startswith("data-")}
            said = {name: value for name, value in right.attrib.items() if name not in ("role", "aria-label")}
            assert (left.tag, left.text, left.tail, own) == (right.tag, right.text, right.tail, said)


DIAGRAM = """<svg xmlns="http://www.w3.org/2000/svg" font-family="DejaVu Sans, Lecture Hangul, sans-serif">
<text fill="#262626">x<tspan font-style="italic">h</tspan>가</text><text font-weight="bold">B나
<tspan font-style="italic">q</tspan></text><text font-family="DejaVu Sans Mono, monospace">=</text></svg>"""


def faces(css):
    """The characters of each embedded font, by its family, weight and style."""
    pattern = r'font-family: "(.+?)"; font-weight: (\w+); font-style: (\w+); src: url\(data:font/woff;base64,(.+?)\)'
    for *look, data in re.findall(pattern, css):
        yield tuple(look), "".join(map(chr, sorted(TTFont(BytesIO(b64decode(data))).getBestCmap())))


def test_the_fonts_in_a_page_have_the_characters_of_its_diagrams_and_no_more():
    sans = "DejaVu Sans"
    assert {look: set(there) - {"\n"} for look, there in faces(handout.font_faces([DIAGRAM]))} == {
        (sans, "normal", "normal"): {"x", "q"},  # q is bold and italic: from what the browser takes
        (sans, "bold", "normal"): {"B", "q"},
        (sans, "normal", "italic"): {"h", "q"},
        ("DejaVu Sans Mono", "normal", "normal"): {"="},
        ("Lecture Hangul", "normal", "normal"): {"가", "나"},
    }
    assert handout.font_faces([]) == ""


def test_every_character_of_a_diagram_is_in_a_font_of_its_page(chapter):
    cells, text, _ = chapter
    there = {char for _, found in faces(text) for char in found}
    diagrams = [picture for picture, _ in pictures(cells) if isinstance(picture, str)]
    needed = {char for svg in diagrams for words in ElementTree.fromstring(svg).itertext() for char in words}
    assert needed - there <= {"\u200b", "\n"}
    assert bool(there) == bool(diagrams)


def test_every_formula_is_mathml(chapter):
    cells, _, page = chapter
    formulas = re.findall(r"\$\$(?:.+?)\$\$|\$(?:.+?)\$", markdown(cells), re.DOTALL)
    headings = [line for line in markdown(cells).splitlines() if line.startswith("## ")]
    again = sum(len(re.findall(r"\$.+?\$", heading)) for heading in headings)  # in the list of sections
    assert len(page.all("math")) == len(formulas) + again
    assert "$" not in page.text
    assert "\\" not in page.text


def results(cells):
    """The code cells with outputs between a question and the next text."""
    asked = False
    for cell in cells:
        question = "".join(cell["source"]).startswith("predict(")
        asked = cell["cell_type"] == "code" and (asked or question)
        if asked and not question and cell["outputs"]:
            yield cell


def test_what_follows_a_question_is_folded_and_so_is_its_answer(chapter):
    cells, text, _ = chapter
    for cell in results(cells):
        for output in cell["outputs"]:
            shown = escape("".join(output.get("text") or output["data"]["text/plain"]).rstrip())
            folded = re.findall(r"<details>\n(?:(?!</details>).)*", text.replace("<summary>", "\n"), re.DOTALL)
            assert any(shown in part for part in folded)
            assert text.count(shown) == sum(part.count(shown) for part in folded)
    assert text.count("The guess: ") == len(re.findall(r"<details><summary>[^<]*</summary><p>The guess: ", text))


def test_answers_are_folded(chapter):
    cells, _, page = chapter
    details = page.all("details")
    questions = sum("predict(" in "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert len(details) == markdown(cells).count("<details>") + questions + len(list(results(cells)))
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
    fonts = "document.fonts.ready.then(fonts => [...fonts].filter(font => font.status === 'error').length)"
    assert phone.evaluate(fonts) == 0
    for details in phone.locator("details").all():
        height = details.bounding_box()["height"]
        details.locator("summary").click()
        assert details.bounding_box()["height"] > height
    assert [url for url in requests if not url.startswith("data:")] == [target.as_uri()]
    assert said == []


@pytest.mark.parametrize(("scheme", "back", "ink"), [("light", 255, 0x26), ("dark", 0x11, 0xE8)])
def test_a_page_is_dark_where_the_readers_system_is_and_its_diagrams_too(phone, tmp_path, scheme, back, ink):
    output = new_output("display_data", {"text/plain": "the diagram", "image/svg+xml": DIAGRAM})
    cells = [new_markdown_cell("# Title"), new_code_cell("draw()", outputs=[output])]
    nbformat.write(new_notebook(cells=cells), tmp_path / "one.ipynb")
    target = tmp_path / "page.html"
    target.write_text(handout.page(tmp_path / "one.ipynb"), encoding="utf-8")
    phone.emulate_media(color_scheme=scheme)
    phone.goto(target.as_uri())
    assert (
        phone.evaluate("getComputedStyle(document.documentElement).backgroundColor") == f"rgb({back}, {back}, {back})"
    )
    assert (
        phone.locator("svg text").first.evaluate("text => getComputedStyle(text).fill") == f"rgb({ink}, {ink}, {ink})"
    )
    assert phone.get_by_role("img", name="the diagram").count() == 1
    phone.emulate_media(color_scheme=scheme, media="print")
    assert phone.locator("svg text").first.evaluate("text => getComputedStyle(text).fill") == "rgb(38, 38, 38)"
    phone.emulate_media(color_scheme="light", media="screen")


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
