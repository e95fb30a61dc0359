"""Every sentence the package shows a learner, one folder per language, one file per chapter.

A sentence is found by its key, for example text("rnn.chain.title"), and filled with numbers, for example
text("rnn.chain.caption", h=0.5); {n:step|steps} in it becomes "1 step" or "3 steps", and no 0 is written "-0". The
language is that of the notebook: a notebook in notebooks/ko speaks Korean as soon as texts/ko stands beside texts/en;
LECTURE_LANGUAGE overrides it.
"""

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Formatter

FIRST = "en"


@cache
def languages():
    """The languages there are, by folder."""
    return sorted(folder.name for folder in Path(__file__).parent.iterdir() if (folder / "engine.py").is_file())


def language():
    """The language in use: LECTURE_LANGUAGE, else the name of the folder the notebook runs in, else English."""
    for wish in (os.environ.get("LECTURE_LANGUAGE"), Path.cwd().name):
        if wish in languages():
            return wish
    return FIRST


@cache
def table(name):
    """All sentences of one language, key to template. Raises ValueError when a key stands in two files."""
    sentences = {}
    for module in sorted(entry.name for entry in iter_modules([str(Path(__file__).parent / name)])):
        for key, sentence in import_module(f"{__name__}.{name}.{module}").TEXTS.items():
            if key in sentences:
                raise ValueError(f"text {key!r} stands twice in texts/{name}, the second time in {module}.py")
            sentences[key] = sentence
    return sentences


class Sentence(Formatter):
    """str.format with words for one and for several, and without negative zeros."""

    def format_field(self, value, format_spec):
        one, several, more = format_spec.partition("|")
        if several:
            return f"{value} {one if value == 1 else more}"
        written = format(value, format_spec)
        return written if isinstance(value, str) or written.strip("-0.") else written.lstrip("-")


@cache
def _names(language, key):
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(table(language)[key]) if name))


def fields(key):
    """The names of the numbers in the sentence of a key."""
    return _names(language(), key)


def text(key, **numbers):
    """The sentence of a key with its numbers filled in. Raises KeyError for an unknown key."""
    return Sentence().vformat(table(language())[key], (), numbers)
