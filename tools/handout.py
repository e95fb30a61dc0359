"""Writes one self-contained HTML page per notebook into the folder handout: to read offline, on a phone, or on paper.

A page is made from the stored notebook, nothing is executed. Pictures stand inside the page, with their title and
caption as the text in their place; formulas are MathML, which browsers draw themselves; answers stay folded. The page
forbids itself every request and every script.
"""

import argparse
import html
import re
import sys

import nbformat
from latex2mathml.converter import convert
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from tools.notebooks import FOLDER, Failure, find, label

HANDOUT = FOLDER.parent / "handout"
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ margin: 0 auto; padding: 0 16px 40px; max-width: 780px; font: 17px/1.55 system-ui, sans-serif; color: #1a1a1a; }}
h1, h2 {{ line-height: 1.25; margin: 1.6em 0 .6em; }}
h1 {{ font-size: 1.65em; margin-top: .8em; }}
h2 {{ font-size: 1.25em; border-top: 1px solid #bbb; padding-top: .8em; break-after: avoid; }}
nav {{ font-size: .92em; margin: 1em 0; }}
nav a {{ display: block; padding: .22em 0; }}
a {{ color: #00508c; }}
pre, code {{ font: .86em/1.45 ui-monospace, Consolas, monospace; }}
pre {{ margin: .7em 0; padding: 8px 10px; overflow-x: auto; }}
.highlight pre {{ background: #f2f2f2; border-left: 4px solid #9a9a9a; }}
.highlight .k, .highlight .kn, .highlight .ow {{ font-weight: 600; }}
.highlight .c1 {{ color: #5a5a5a; font-style: italic; }}
.text {{ white-space: pre-wrap; }}
figure {{ margin: 1em 0; break-inside: avoid; }}
figure div {{ overflow-x: auto; }}
img {{ display: block; width: 100%; min-width: 540px; background: #fff; }}
figcaption {{ font-size: .92em; white-space: pre-line; }}
table {{ display: block; overflow-x: auto; border-collapse: collapse; margin: 1em 0; }}
td, th {{ border: 1px solid #bbb; padding: 4px 8px; text-align: left; vertical-align: top; }}
details {{ border: 1px solid #bbb; border-radius: 4px; padding: 6px 12px; margin: 1em 0; }}
summary {{ cursor: pointer; font-weight: 600; }}
math[display=block] {{ overflow-x: auto; overflow-y: hidden; padding: 4px 0; }}
/* brackets and braces that grow with their content, where a device has no font for mathematics */
mtable.bracketed {{ border: solid; border-width: 0 1.5px; border-radius: 2px; }}
munder > munder {{ border: 1.5px solid #777; border-top: 0; border-radius: 0 0 7px 7px; padding: 0 2px 3px; }}
munder > munder > mo:last-child {{ display: none; }}
@media print {{
pre {{ white-space: pre-wrap; }}
img {{ min-width: 0; }}
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


def show(output):
    """An output of a cell as HTML; of a widget its stored picture with the text form, or the text form alone."""
    if output.output_type == "stream":
        return f'<pre tabindex="0">{html.escape(output.text.rstrip())}</pre>'
    named = output.metadata.get("image/png", {}).get("alt")  # an image's own text form is only its type
    said = html.escape(named or output.data["text/plain"])
    if picture := output.data.get("image/png"):
        image = f'<img alt="{said}" src="data:image/png;base64,{"".join(picture.split())}">'
        return f'<figure><div tabindex="0">{image}</div><figcaption aria-hidden="true">{said}</figcaption></figure>'
    return f'<pre class="text">{said}</pre>'


def page(path):
    """The notebook as one HTML page. Raises Failure for a formula that cannot be shown."""
    renderer = Renderer()
    markdown = MarkdownWithMath(renderer=renderer)
    highlight = Highlight2HTML()
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        try:
            parts.append(markdown.render(cell.source) if cell.cell_type == "markdown" else highlight(cell.source))
        except Failure as failure:
            raise Failure(f"{path.name}, cell {cell.id}: {failure}") from None
        parts += map(show, cell.get("outputs", ()))
    links = "\n".join(f'<a href="#{name}">{heading}</a>' for name, heading in renderer.sections)
    parts.insert(1, f"<nav>\n{links}\n</nav>")
    title = re.search(r"^# (.+)$", nbformat.read(path, as_version=4).cells[0].source, re.MULTILINE)[1]
    language = "ko" if path.parent.name == "ko" else "en"
    return PAGE.format(language=language, title=html.escape(title), body="\n".join(parts))


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
