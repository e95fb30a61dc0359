"""What a learner has chosen for the whole lecture: a small local file, so that a choice in notebook 00 holds in all others.

The file stands beside the notebooks folder (or where LECTURE_SETTINGS points), holds plain JSON, is never sent anywhere,
and may be deleted at any time.
"""

import json
import os
from functools import lru_cache
from pathlib import Path

DEFAULTS = {"projector": False}


def path():
    """Where the settings file stands."""
    return Path(os.environ.get("LECTURE_SETTINGS") or Path(__file__).resolve().parents[1] / ".lecture-settings.json")


def load():
    """All settings; what is missing, unreadable or of another kind is the default. It is read again when it has changed."""
    try:
        stat = path().stat()
        return _read(path(), stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError, RecursionError):
        return dict(DEFAULTS)


@lru_cache(maxsize=1)
def _read(file, *_version):
    stored = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(stored, dict):
        raise ValueError(f"{file} holds no settings")
    return {name: stored[name] if type(stored.get(name)) is type(value) else value for name, value in DEFAULTS.items()}


def save(**changes):
    """Writes the changed settings. Raises ValueError for an unknown name, OSError if the file cannot be written."""
    for name in changes:
        if name not in DEFAULTS:
            raise ValueError(f"unknown setting {name!r}; known: {', '.join(DEFAULTS)}")
    path().write_text(json.dumps(load() | changes, indent=2) + "\n", encoding="utf-8")
