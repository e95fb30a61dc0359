"""What a learner has chosen for the whole lecture: a small local file, so that a choice in notebook 00 holds in all others.

The file stands beside the notebooks folder (or where LECTURE_SETTINGS points), holds plain JSON, is never sent anywhere,
and may be deleted at any time.
"""

import json
import os
from pathlib import Path

DEFAULTS = {"projector": False}


def path():
    """Where the settings file stands."""
    return Path(os.environ.get("LECTURE_SETTINGS") or Path(__file__).resolve().parents[1] / ".lecture-settings.json")


def load():
    """All settings; a missing or unreadable file means the defaults."""
    try:
        stored = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = {}
    if not isinstance(stored, dict):
        stored = {}
    return {name: stored.get(name, default) for name, default in DEFAULTS.items()}


def save(**changes):
    """Writes the changed settings. Raises ValueError for an unknown name, OSError if the file cannot be written."""
    for name in changes:
        if name not in DEFAULTS:
            raise ValueError(f"unknown setting {name!r}; known: {', '.join(DEFAULTS)}")
    path().write_text(json.dumps(load() | changes, indent=2) + "\n", encoding="utf-8")
