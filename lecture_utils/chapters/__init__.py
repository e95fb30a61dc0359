"""What belongs to one chapter, a folder each: `from lecture_utils import chapters`, then `chapters.bptt.truncation()`.

`explorers.py` holds the explorers with their pictures, `exercises.py` the exercises, `questions.py` the quiz's questions on
the chapter. Their sentences stand in texts/LANGUAGE/CHAPTER.py. A chapter is imported when it is first asked for.
"""

from importlib import import_module


def __getattr__(name):
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise AttributeError(f"there is no chapter {name!r}") from None
