"""Every exercise of this bundle by name, and which lesson has which."""

import json
from importlib import resources

from autograder.bundled.recorded import Records

_FOLDER = resources.files("helpers.exercises") / "records"

LESSONS = {
    lesson: tuple(names)
    for lesson, names in json.loads((_FOLDER / "lessons.json").read_text(encoding="utf-8")).items()
}
EXERCISES = Records(_FOLDER, [name for names in LESSONS.values() for name in names])
