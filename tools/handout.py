"""Writes one self-contained HTML page per notebook into the folder handout: to read offline, on a phone, or on paper.

A page is made from the stored notebook, nothing is executed. Pictures stand inside the page, with their title and
caption as the text in their place, diagrams as SVG with the characters of its fonts that it needs; formulas are MathML,
which browsers draw themselves; answers stay folded. Where the reader's system is dark, the page is. The page forbids
itself every request and every script.
"""

import argparse
import html
import re
import sys
from base64 import b64encode
from io import BytesIO
from xml.etree import ElementTree

import nbformat
from fontTools import subset
from latex2mathml.converter import convert
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from lecture_utils.drawing import style
from lecture_utils.texts import table
from tools.notebooks import FOLDER, PNG, SVG, Failure, find, label

HANDOUT = FOLDER.parent / "handout"
POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{fonts}:root {{ {light} --text: #1a1a1a; --back: #fff; --code: #f2f2f2; --soft: #5a5a5a; --edge: #bbb; --link: #00508c; }}
body {{ margin: 0 auto; padding: 0 16px 40px; max-width: 780px; font: 17px/1.55 system-ui, sans-serif; }}
html {{ color: var(--text); background: var(--back); }}
h1, h2 {{ line-height: 1.25; margin: 1.6em 0 .6em; }}
h1 {{ font-size: 1.65em; margin-top: .8em; }}
h2 {{ font-size: 1.25em; border-top: 1px solid var(--edge); padding-top: .8em; break-after: avoid; }}
nav {{ font-size: .92em; margin: 1em 0; }}
nav a {{ display: block; padding: .22em 0; }}
a {{ color: var(--link); }}
pre, code {{ font: .86em/1.45 ui-monospace, Consolas, monospace; }}
pre {{ margin: .7em 0; padding: 8px 10px; overflow-x: auto; }}
.highlight pre {{ background: var(--code); border-left: 4px solid #9a9a9a; }}
.highlight .k, .highlight .kn, .highlight .ow {{ font-weight: 600; }}
.highlight .c1 {{ color: var(--soft); font-style: italic; }}
.text {{ white-space: pre-wrap; }}
figure {{ margin: 1em 0; break-inside: avoid; }}
figure div {{ overflow-x: auto; }}
img, svg {{ display: block; width: 100%; height: auto; min-width: 540px; }}
figcaption {{ font-size: .92em; white-space: pre-line; }}
table {{ display: block; overflow-x: auto; border-collapse: collapse; margin: 1em 0; }}
td, th {{ border: 1px solid var(--edge); padding: 4px 8px; text-align: left; vertical-align: top; }}
details {{ border: 1px solid var(--edge); border-radius: 4px; padding: 6px 12px; margin: 1em 0; }}
summary {{ cursor: pointer; font-weight: 600; }}
math[display=block] {{ overflow-x: auto; overflow-y: hidden; padding: 4px 0; }}
/* brackets and braces that grow with their content, where a device has no font for mathematics */
mtable.bracketed {{ border: solid; border-width: 0 1.5px; border-radius: 2px; }}
munder > munder {{ border: 1.5px solid #777; border-top: 0; border-radius: 0 0 7px 7px; padding: 0 2px 3px; }}
munder > munder > mo:last-child {{ display: none; }}
@media print {{
pre {{ white-space: pre-wrap; }}
img, svg {{ min-width: 0; }}
}}
@media screen and (prefers-color-scheme: dark) {{
:root {{ color-scheme: dark; {dark} --text: #e0e0e0; --back: #111; --code: #1f1f1f; --soft: #a8a8a8; --edge: #555;
--link: #7cc7f0; }}
img, image {{ filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen; }}
}}
</style>
</head>
<body>
{body}
</body>
</html>
"""


class Renderer(IPythonRenderer):
    """Markdown as JupyterLab reads it; formulas become MathML, links to notebooks links to their pages."""

    def __init__(self):
        super().__init__(escape=False)
        self.sections = []  # (id, heading) of each section

    def heading(self, text, level, **_):
        """A heading; its id is its first word, so that #3.2-The-rest of a notebook's address leads to 3.2."""
        name = html.escape(text.split()[0])
        if level == 2:
            self.sections.append((name, text))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def link(self, text, url, title=None):
        page, _, section = url.partition("#")
        if page.endswith(".ipynb"):
            page = page.removesuffix("ipynb") + "html"
        return super().link(text, page + (f"#{section.partition('-')[0]}" if section else ""), title)

    def block_html(self, html):
        return re.sub(r"\$([^$]+)\$", lambda formula: mathml(formula[1], "inline"), super().block_html(html))

    def inline_math(self, body):
        return mathml(body, "inline")

    def block_math(self, body):
        return mathml(body, "block")


def mathml(tex, display):
    """The formula as a math element. Raises Failure where a command is not known."""
    try:
        result = convert(tex.strip(), display=display)
    except Exception as error:
        raise Failure(f"no MathML for {tex}: {error!r}") from None
    if "\\" in result:
        raise Failure(f"no MathML for {tex}: a command is not known")
    result = re.sub(r"<mo>&#x0005B;</mo><mtable>(.*?)<mo>&#x0005D;</mo>", r'<mtable class="bracketed">\1', result)
    return result.replace("<math ", f'<math alttext="{html.escape(tex.strip())}" ', 1)


# ---- diagrams
_NAMES = {light.upper(): name for name, (light, _) in style.DIAGRAM.items()}


def drawn(svg, said):
    """A stored diagram as part of a page: its light colours are the page's own again, and it is called what it says."""

    def colour(found):
        return f'{found[1]}="var(--l-{_NAMES[found[2].upper()]})"'

    svg = re.sub(r'(fill|stroke)="(#[0-9A-Fa-f]{6})"', colour, svg)
    svg = re.sub(r' data-[a-z]+="[^"]*"', "", svg)  # what only a kernel's page needs
    return svg.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1)


def letters(svg, look=("", "normal", "normal")):
    """The characters of a diagram by how they look: pairs of (family, weight, style) and characters."""
    element = ElementTree.fromstring(svg) if isinstance(svg, str) else svg
    family = element.get("font-family", look[0]).partition(",")[0]
    look = family, element.get("font-weight", look[1]), element.get("font-style", look[2])
    yield look, element.text or ""
    for child in element:
        yield from letters(child, look)
        yield look, child.tail or ""


def font_faces(svgs):
    """CSS that holds, of the fonts of the diagrams, the characters that stand in them."""
    files = style.font_files()
    wanted = {look: set() for look in files}
    for look, characters in (pair for svg in svgs for pair in letters(svg)):
        for near in [look] if look in files else [one for one in files if one[0] == look[0]]:
            wanted[near].update(characters)
    faces, rest = [], set()
    for look, path in files.items():
        needed = rest if look[0] == style.FONTS[1] else wanted[look]  # that font stands in where the others have none
        if not needed:
            continue
        options, file = subset.Options(flavor="woff", hinting=False, layout_features=[], notdef_outline=True), BytesIO()
        options.drop_tables += ["FFTM"]
        with subset.load_font(path, options) as font:
            there = needed & set(map(chr, font.getBestCmap()))
            rest |= needed - there
            if not there:
                continue
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=map(ord, there))
            cutter.subset(font)
            subset.save_font(font, file, options)
        named = 'font-family: "{}"; font-weight: {}; font-style: {}'.format(*look)
        source = f"url(data:font/woff;base64,{b64encode(file.getvalue()).decode()})"
        faces.append(f"@font-face {{ {named}; src: {source}; }}\n")
    return "".join(faces)


def show(output):
    """An output of a cell as HTML; of a widget its stored picture with the text form, or the text form alone."""
    if output.output_type == "stream":
        return f'<pre tabindex="0">{html.escape(output.text.rstrip())}</pre>'
    named = output.metadata.get(PNG, {}).get("alt")  # an image's own text form is only its type
    said = html.escape(named or output.data["text/plain"])
    picture = None
    if SVG in output.data:
        picture = drawn(output.data[SVG], said)
    elif PNG in output.data:
        picture = f'<img alt="{said}" src="data:image/png;base64,{"".join(output.data[PNG].split())}">'
    if "text/html" in output.data:  # a question, its answer folded
        return output.data["text/html"]
    if picture:
        return f'<figure><div tabindex="0">{picture}</div><figcaption aria-hidden="true">{said}</figcaption></figure>'
    return f'<pre class="text">{said}</pre>'


def page(path):
    """The notebook as one HTML page. Raises Failure for a formula that cannot be shown."""
    renderer = Renderer()
    markdown = MarkdownWithMath(renderer=renderer)
    highlight = Highlight2HTML()
    parts, svgs, asked = [], [], False
    language = "ko" if path.parent.name == "ko" else "en"
    for cell in nbformat.read(path, as_version=4).cells:
        try:
            parts.append(markdown.render(cell.source) if cell.cell_type == "markdown" else highlight(cell.source))
        except Failure as failure:
            raise Failure(f"{path.name}, cell {cell.id}: {failure}") from None
        shown = "\n".join(map(show, cell.get("outputs", ())))
        asking = cell.cell_type == "code" and cell.source.startswith("predict(")
        if asked and shown and not asking:
            summary = html.escape(table(language)["predict.result"])
            shown = f"<details><summary>{summary}</summary>\n{shown}\n</details>"
        parts.append(shown)
        asked = asking or (asked and cell.cell_type == "code")
        svgs += [output.data[SVG] for output in cell.get("outputs", ()) if SVG in output.get("data", {})]
    links = "\n".join(f'<a href="#{name}">{heading}</a>' for name, heading in renderer.sections)
    parts.insert(1, f"<nav>\n{links}\n</nav>")
    title = re.search(r"^# (.+)$", nbformat.read(path, as_version=4).cells[0].source, re.MULTILINE)[1]
    return PAGE.format(
        language=language, title=html.escape(title), body="\n".join(parts), policy=POLICY, fonts=font_faces(svgs),
        light=style.variables(dark=False), dark=style.variables(dark=True),
    )  # fmt: skip


def main(arguments):
    """The exit code: 1 if there is no such notebook, or one of its formulas cannot be shown."""
    parser = argparse.ArgumentParser(prog="run.py handout", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 03_bptt, ko/03_bptt or a path (default: all)")
    for path in find(parser.parse_args(arguments).names):
        target = (HANDOUT / label(path)).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(path), encoding="utf-8", newline="\n")
        print(f"{target.relative_to(HANDOUT.parent)}  {target.stat().st_size // 1000} kB", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(str(failure))
