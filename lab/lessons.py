"""The learner's copies of the lessons. What is in `my-work/` is never overwritten."""

from lab.common import SetupError, locked, read_json, say, sha256, write, write_json


def released_lessons(root):
    """Path of each released notebook, by the name of its lesson."""
    folders = sorted((root / "notebooks").glob("*/"))
    paths = {folder.name: folder / f"{folder.name}.ipynb" for folder in folders}
    return {name: path for name, path in paths.items() if path.is_file()}


def copy_names(name):
    """Yield the file names a lesson can get: its own first, then those beside it."""
    yield f"{name}.ipynb"
    yield f"{name} (updated).ipynb"
    number = 2
    while True:
        yield f"{name} (updated {number}).ipynb"
        number += 1


def hand_out(name, released, work, versions):
    """Copy a lesson to the learner's folder, unless this version of it has been there.

    Parameters
    ----------
    name : str
        The lesson.
    released : Path
        Its released notebook.
    work : Path
        The learner's folder.
    versions : list of str
        Hashes of the versions handed out so far; this one is added.

    Returns
    -------
    copy : str or None
        File name of the copy that was made.
    """
    version = sha256(released)
    known = version in versions
    versions += [] if known else [version]
    for copy in copy_names(name):
        path = work / copy
        if not (path.exists() or path.is_symlink()):
            write(path, released.read_bytes())
            return copy
        if known or (path.is_file() and sha256(path) == version):
            return None
    raise AssertionError("there is always another name")


def hand_out_lessons(root):
    """Copy new lessons, and new versions of lessons, to `my-work/`, and say which."""
    lessons = released_lessons(root)
    if not lessons:
        raise SetupError(
            f"The lessons should be in {root / 'notebooks'}, but there are none: bring them back "
            "with `git checkout notebooks`, or get the course again."
        )
    work = root / "my-work"
    record_path = work / ".handed-out.json"
    try:
        work.mkdir(exist_ok=True)
        with locked(root):
            record = read_json(record_path)
            before = str(record)
            for name, released in lessons.items():
                if not isinstance(record.get(name), list):
                    record[name] = []
                announce(name, hand_out(name, released, work, record[name]))
            if str(record) != before:
                write_json(record_path, record)
    except OSError as error:
        raise SetupError(
            f"Your copies of the lessons should go to {work}, but it cannot be used "
            f"({error.strerror}): make it a folder that you may write to, and try again."
        ) from None


def announce(name, copy):
    """Say what has been handed out, if anything."""
    if copy == f"{name}.ipynb":
        say(f"Your own copy to work in: my-work/{copy}")
    elif copy:
        say(f"{name} has a new version, which is my-work/{copy}; yours stays as it is.")
