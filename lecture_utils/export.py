"""Pictures keep their sentence in what JupyterLab exports, HTML and slides: run.py's settings name `Described` to nbconvert,
whose own pages have no alternative text for a notebook's pictures."""

import html
from base64 import b64encode

from nbconvert.preprocessors import Preprocessor

PNG, SVG = "image/png", "image/svg+xml"


class Described(Preprocessor):
    """Of an output with a picture and a text form, the picture with the text below it and in its place."""

    def preprocess_cell(self, cell, resources, index):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/plain" not in data or not (PNG in data or SVG in data):
                continue
            kind = PNG if PNG in data else SVG
            encoded = "".join(data[PNG].split()) if PNG in data else b64encode(data[SVG].encode()).decode()
            said = html.escape(output.metadata.get(PNG, {}).get("alt") or data["text/plain"])
            picture = f'<img alt="{said}" src="data:{kind};base64,{encoded}">'
            caption = f'<figcaption aria-hidden="true" style="white-space: pre-line">{said}</figcaption>'
            output.data = type(data)({"text/html": f'<figure style="margin: 0">{picture}{caption}</figure>'})
        return cell, resources
