"""Cards of a bundle beside those of the course: ``compare_cards.py BUNDLE COURSE RESULTS EXERCISE...``.

It runs in a process of its own, in which `helpers` is the bundle's and `course_helpers` the course's.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

bundle, course, results, *names = sys.argv[1:]
sys.path[:0] = [bundle, course]

# ruff: noqa: E402
from course_helpers.cards import Card as CourseCard
from course_helpers.exercises import EXERCISES as COURSE
from unknown_mistakes import ATTEMPTS

import helpers
from helpers.cards import Card
from helpers.exercises import EXERCISES


def starter(*args):
    raise NotImplementedError()


def card(exercise, attempt, kind):
    outcome = exercise.evaluate(attempt)
    shown = kind(exercise, outcome, "")
    name = str(outcome.misconception) if outcome.misconception else None
    return {"status": outcome.status, "named": name, "text": str(shown), "html": shown._repr_html_()}


def pairs(name):
    patient = {"seconds": 10 * COURSE[name].seconds}  # on a busy machine, too
    exercise, own = replace(COURSE[name], **patient), replace(EXERCISES[name], **patient)
    attempts = {"reference": exercise.reference, "starter": starter}
    attempts |= {f"mistake {mistake}": mistake.function for mistake in exercise.misconceptions}
    attempts |= {f"unknown {i}": attempt for i, attempt in enumerate(ATTEMPTS.get(name, ()))}
    return {
        who: (card(exercise, attempt, CourseCard), card(own, attempt, Card))
        for who, attempt in attempts.items()
    }


assert Path(helpers.__file__).is_relative_to(bundle)
Path(results).write_text(json.dumps({name: pairs(name) for name in names}), encoding="utf-8")
