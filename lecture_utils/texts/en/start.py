"""Notebook 00: the self-test, the first slider, the projector switch."""

TEXTS = {
    "selftest.line.right": "ok     {sentence}",
    "selftest.line.wrong": "WRONG  {sentence}",
    "selftest.python.right": "Python is {least} or newer",
    "selftest.python.old": "Python is {found}, and the lecture needs {least} or newer. Install a newer Python from python.org, delete the folder .venv, and start again with: python3 run.py (Windows: py run.py)",
    "selftest.package.right": "{name} is {least} or newer",
    "selftest.package.old": "{name} is {found}, and the lecture needs {least} or newer. You are probably not in the lecture's own environment: close JupyterLab and start it with: python3 run.py (Windows: py run.py)",
    "selftest.package.missing": "{name} is not installed ({least} or newer is needed). You are probably not in the lecture's own environment: close JupyterLab and start it with: python3 run.py (Windows: py run.py)",
    "selftest.widgets.right": "the browser part of the widgets is installed",
    "selftest.widgets.missing": "the browser part of the widgets (jupyterlab_widgets) is not installed, so sliders show up as a line of text. Close JupyterLab and start it with: python3 run.py (Windows: py run.py)",
    "selftest.widgets.hidden": "JupyterLab does not find the browser part of the widgets, since the path {folder} holds a [. Close JupyterLab, rename that folder, for example to lecture, or move it, and start again with: python3 run.py (Windows: py run.py)",
    "echo.control": "move me",
    "echo.silent": "The slider has not moved yet.",
    "echo.heard": "The kernel heard: {value}. Widgets work here.",
    "projector.control": "projector: larger text in all figures",
    "projector.on": "The projector switch is on. Figures made from now on have larger text, in all notebooks.",
    "projector.off": "The projector switch is off.",
    "projector.unsaved": "The switch could not be saved in {path}: {reason}. It holds for nothing yet.",
}
