"""What belongs to one chapter, a folder each: `from lecture_utils import chapters`, then `chapters.bptt.truncation()`.

`explorers.py` holds the explorers with their pictures, `exercises.py` the exercises, `questions.py` the quiz's questions on
the chapter. Their sentences stand in texts/LANGUAGE/CHAPTER.py. A chapter is imported when it is first asked for.
"""

import os
from importlib import import_module
from pathlib import Path

from lecture_utils.texts import text

# Beside a changed copy of an older edition tools/copies.py writes a file with the notebook's name; Jupyter tells the
# kernel the notebook's path. It is said once, with the import.
_newer = Path(f".{Path(os.environ.get('JPY_SESSION_NAME', '')).stem}.newer")
if _newer.is_file():
    print(text("copy.newer", name=_newer.read_text(encoding="utf-8")))


def __getattr__(name):
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise AttributeError(f"there is no chapter {name!r}") from None
