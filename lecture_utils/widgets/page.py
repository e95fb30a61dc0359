"""What the page around a widget needs, as HTML: its style, its colours in a dark theme, and a working keyboard.

JupyterLab takes arrow keys and letters for its own shortcuts while a slider, a list or a box has the focus, and the
handles of sliders have no name for a screen reader. Both are attributes in the page that ipywidgets cannot set, so a
hidden image does it once it has loaded. Where a page forbids that, everything else works as before.
"""

from lecture_utils.drawing import style


def variables(selector, dark):
    """The colours of diagrams as variables of CSS, on a light or on a dark page."""
    return f"{selector} {{ {' '.join(f'--l-{name}: {both[dark]};' for name, both in style.DIAGRAM.items())} }}\n"


STYLE = (
    """<style>
.lecture-explorer { border-top: 2px solid var(--jp-border-color1, #bdbdbd); padding-top: 6px; }
.lecture-explorer h4 { margin: 0 0 4px 0; font-size: 1.15em; line-height: 1.3; color: var(--jp-content-font-color1); }
.lecture .lecture-caption { font-size: 1.05em; line-height: 1.45; color: var(--jp-content-font-color1); }
.lecture .lecture-says { margin-top: 4px; color: var(--jp-content-font-color1); }
.lecture .lecture-slider .widget-label { text-align: left; padding-left: 4px; }
.lecture .widget-checkbox { height: auto; }
.lecture .widget-checkbox label { height: auto; white-space: normal; line-height: 1.3; }
.lecture pre { white-space: pre-wrap; user-select: all; margin: 2px 0 0 0; line-height: 1.35; }
.lecture .lecture-error { border-left: 4px solid #D55E00; padding: 2px 8px; line-height: 1.4; white-space: pre-line; }
.lecture .lecture-picture { height: auto; max-width: 100%; }
body[data-jp-theme-light="false"] .lecture-picture { filter: invert(1) hue-rotate(180deg); }
.lecture-pictures { display: flex; flex-wrap: wrap; align-items: flex-start; }
.lecture-diagram { max-width: 100%; }
.lecture-diagram .shaded rect { stroke: var(--l-vermilion); stroke-width: calc(1px + 6px * var(--shade)); }
.lecture-player { margin: 2px 0; }
.lecture-player[hidden], .lecture-formula[hidden] { display: none; }
.lecture-player button { width: auto; }
.lecture-formula { white-space: pre-line; min-height: 1.5em; font-size: 1.05em; color: var(--jp-content-font-color1); }
.lecture-diagram svg { display: block; width: 100%; height: auto; }
.lecture-diagram [data-name] { outline: none; }
.lecture-diagram [data-set] { cursor: pointer; }
.lecture-diagram [data-set]:hover > text { opacity: 1; }
.lecture-diagram .lit > rect { stroke-width: 4; }
.lecture-diagram [data-name]:focus-visible > rect { stroke: var(--l-ink); stroke-width: 4; }
.lecture-diagram .source rect { stroke-width: 4; stroke-dasharray: 3 2; }
"""
    + variables(".lecture-diagram", 0)
    + variables('body[data-jp-theme-light="false"] .lecture-diagram', 1)
    + "</style>"
)

_SCRIPT = """
const image = this;
const prepare = (times) => {
  const box = image.closest('.lecture');
  if (box) {
    for (const one of box.querySelectorAll('input, select, textarea, button, pre, .noUi-handle'))
      one.dataset.lmSuppressShortcuts = 'true';
    for (const handle of box.querySelectorAll('.noUi-handle')) {
      const label = handle.closest('.widget-vbox').querySelector('label');
      if (label) handle.setAttribute('aria-label', label.textContent);
    }
  }
  if (times > 0) setTimeout(() => prepare(times - 1), 500);
};
prepare(10);
"""

KEYBOARD = (
    '<img hidden alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" '
    f'onload="{" ".join(_SCRIPT.split())}">'
)
