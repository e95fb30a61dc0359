"""What JupyterLab exports shows each picture with its sentence."""

import importlib.util
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter, SlidesExporter
from traitlets.config import Config

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("run", ROOT / "run.py")
RUN = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(RUN)


def pictures(page):
    """(alternative text, address) of each picture of a page."""
    found, reader = [], HTMLParser()
    reader.handle_starttag = lambda tag, attributes: tag == "img" and found.append(dict(attributes))
    reader.feed(page)
    return [(picture["alt"], picture["src"]) for picture in found]


@pytest.mark.parametrize("file", ["server", "nbconvert"])
@pytest.mark.parametrize("exporter", [HTMLExporter, SlidesExporter])
def test_every_picture_of_an_exported_notebook_has_its_text_form_in_its_place(exporter, file):
    settings = RUN.SETTINGS[f"etc/jupyter/jupyter_{file}_config.json"]
    path = ROOT / "notebooks" / "01_rnn.ipynb"
    page, _ = exporter(config=Config(settings)).from_filename(str(path))
    outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", ())]
    said = [output.data["text/plain"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(said) > 3
    assert [alternative for alternative, _ in pictures(page)] == said
    assert [
        unescape(caption) for caption in re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page, re.DOTALL)
    ] == said


def test_a_picture_keeps_the_name_it_has_and_an_output_without_one_stays():
    cell = nbformat.v4.new_code_cell(outputs=[
        nbformat.v4.new_output("display_data", {"image/png": "QUJD\n", "text/plain": "<Figure>"},
                             metadata={"image/png": {"alt": 'a < "b"'}}),
        nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>", "text/plain": "a line"}),
        nbformat.v4.new_output("display_data", {"text/plain": "3"}),
        nbformat.v4.new_output("stream", text="4"),
    ])  # fmt: skip
    page = HTMLExporter(config=Config(RUN.EXPORT)).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]
    assert pictures(page) == [
        ('a < "b"', "data:image/png;base64,QUJD"),
        ("a line", "data:image/svg+xml;base64,PHN2Zy8+"),
    ]
    assert ">3</pre>" in page.replace("\n", "") and ">4</pre>" in page.replace("\n", "")
