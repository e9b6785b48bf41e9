"""Hostile submissions get the verdict that they must get, and leave nothing; honest ones are not wronged.

One run of the whole command grades them all; another, as root only, does so as an ordinary user.
"""

import contextlib
import html.parser
import json
import os
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest
from attacks import (
    ALIVE,
    FIRST,
    LATER,
    MARK,
    SLEEP,
    Aim,
    attacks,
    attacks_in_a_later_lesson,
    honest_submissions,
)
from clones import running_formgrader
from nbgrader.api import Gradebook
from submissions import ROOT, isolated_environment, read, written_ids

from autograder.grading.grader import seed_of
from helpers.exercises import EXERCISES, LESSONS

IN_CI = bool(os.environ.get("CI"))
SEED = 7
SECRET = "5ec7e7" * 10 + "5ec7"
NOBODY_YET = 12345  # a user and a group that the system knows nothing of
RUN_SECONDS = 900
# what is graded by an ordinary user as well: one of each kind
AGAIN = [
    "honest_perfect",
    "honest_in_loops",
    "honest_later",
    "honest_with_a_cell_that_fails",
    "patches_the_worker",
    "equal_to_everything_ndarray",
    "spies_proc",
    "spies_descriptors",
    "spies_network",
    "spies_environment",
    "spies_escapes_with_system_calls",
    "spies_reads_what_is_not_its_own",
    "spies_leaves_files",
    "spies_memory_outside_its_processes",
    "spies_leaves_files_for_the_next_0",
    "spies_leaves_files_for_the_next_1",
    "spies_leaves_files_for_the_next_2",
    "spies_leaves_files_for_the_next_3",
    "bombs_with_forks",
    "leaves_daemons",
    "kills_all_it_can",
    "takes_all_memory_at_once",
    "exits_at_once",
    "wire_replies_twice",
    "link_to_a_solution",
    "pipe",
    "file_in_a_closed_folder",
    "reference_calls_a_function_that_exits",
    "imports_all_answers",
]
# their pages are looked at as a browser does
SHOWN = "[hlm]*"


def _submissions(aim):
    """Submissions of both lessons by student."""
    first = {**honest_submissions(), **attacks(aim)}
    later = attacks_in_a_later_lesson(aim)
    assert not first.keys() & later.keys()
    return {FIRST: first, LATER: later}


NAMES = [
    (lesson, name)
    for lesson, made in _submissions(Aim(Path("/nowhere"), 9, "nobody")).items()
    for name in made
]


def test_the_sandbox_is_there():
    """Continuous integration tries it, as root and as an ordinary user."""
    if not IN_CI and not (sys.platform.startswith("linux") and shutil.which("bwrap")):
        pytest.skip("there is no bubblewrap")
    assert shutil.which("bwrap"), "install bubblewrap (Debian and Ubuntu: apt install bubblewrap)"
    assert not IN_CI or os.geteuid() == 0


class Listeners:
    """Sockets on which nobody may ever knock: TCP and UDP on one port, and an abstract Unix socket."""

    def __init__(self):
        self.tcp, self.udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        self.tcp.bind(("127.0.0.1", 0))
        self.tcp.listen()
        self.port = self.tcp.getsockname()[1]
        self.udp.bind(("127.0.0.1", self.port))
        self.abstract = f"course-{secrets.token_hex(8)}"
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind("\0" + self.abstract)
        self.unix.listen()
        self.all = (self.tcp, self.udp, self.unix)
        for listener in self.all:
            listener.setblocking(False)

    def heard(self):
        """Whoever knocked."""
        found = []
        for listener in self.all:
            with contextlib.suppress(BlockingIOError):
                found.append(listener.recv(100) if listener is self.udp else listener.accept())
        return found

    def close(self):
        for listener in self.all:
            listener.close()


class Class:
    """A copy of the course in which everything is handed in and graded, once."""

    def __init__(self, folder, prefix, names=None):
        self.root, self.prefix = folder / "the course", prefix
        self.folder = self.root / "autograder" / "course"
        self.results_path = self.root / "results.json"
        self.temporary = folder / f"t{secrets.token_hex(8)}"
        self.environment = {
            **isolated_environment(folder / "home"),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": os.pathsep.join([str(self.root / "src"), str(self.root)]),
            "HIDDEN_FROM_SUBMISSIONS": SECRET,
        }
        with contextlib.closing(Listeners()) as listeners:
            aim = Aim(self.root, listeners.port, listeners.abstract)
            self.submissions = {
                lesson: {name: attack for name, attack in made.items() if names is None or name in names}
                for lesson, made in _submissions(aim).items()
            }
            self._set_up(folder)
            self.before = self.files()
            self.output = self.run("autograder", "grade", FIRST, LATER, *self.options(), timeout=RUN_SECONDS)
            self.after = self.files()
            self.processes = list(survivors(self.temporary.name))
            self.heard = listeners.heard()
        self.results = json.loads(self.results_path.read_text(encoding="utf-8"))

    def options(self):
        jobs = ["--jobs", "2", "--seed", str(SEED)]
        return ["--submitted", str(self.root / "submitted"), "--results", str(self.results_path), *jobs]

    def _set_up(self, folder):
        ignore = shutil.ignore_patterns("__pycache__", "course")
        for tree in ("notebooks", "solutions", "src", "autograder"):
            shutil.copytree(ROOT / tree, self.root / tree, ignore=ignore)
        shutil.copy(ROOT / "nbgrader_config.py", self.root)
        self.folder.mkdir()
        self.temporary.mkdir()
        secret = self.folder / "secret"
        secret.touch(0o600)
        secret.write_text(SECRET)
        for lesson, made in self.submissions.items():
            for name, attack in made.items():
                place = self.root / "submitted" / name / lesson
                place.parent.mkdir(parents=True, exist_ok=True)
                if attack.place:
                    attack.place(place, lesson)
                else:
                    place.mkdir()
                    (place / f"{lesson}.ipynb").write_bytes(attack.content)
        for path in (folder, *folder.rglob("*")) if self.prefix else ():
            os.chown(path, NOBODY_YET, NOBODY_YET, follow_symlinks=False)

    def run(self, *arguments, timeout):
        """Run a module in the course; returns what it said."""
        process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            raise
        said = output.decode("utf-8", "replace")
        assert process.returncode == 0, said[-5000:]
        return said

    def files(self):
        """Bytes of all files but the course's results, by name; what else there is by its kind."""
        found = {}
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            results = self.folder in path.parents and path.name != "secret"
            if results or path == self.results_path or "__pycache__" in name.parts:
                continue
            mode = path.lstat().st_mode
            is_small_file = path.is_file() and not path.is_symlink() and path.stat().st_size < 20 << 20
            found[str(name)] = mode, path.read_bytes() if is_small_file else b""
        return found

    def notebook(self, lesson, name):
        """Text of an autograded notebook."""
        return (self.folder / "autograded" / name / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8")


def survivors(temporary):
    """Command lines of processes that submissions started, or that run them."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            mounts = (folder / "mountinfo").read_text()
        except OSError:  # it has ended, or belongs to somebody else
            continue
        if SLEEP in command or temporary in command or temporary in mounts:
            yield f"{folder.name}: {command}"


@pytest.fixture(scope="module")
def everybody(tmp_path_factory):
    """Return the class after grading, as whoever runs the tests."""
    test_the_sandbox_is_there()
    return Class(tmp_path_factory.mktemp("attacks"), [])


@pytest.fixture(scope="module")
def by_an_ordinary_user():
    """Return a smaller class after grading, as an ordinary user if the tests run as root."""
    test_the_sandbox_is_there()
    if os.geteuid() != 0:
        pytest.skip("the tests run as an ordinary user already")
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Class(folder / "class", as_an_ordinary_user(folder), AGAIN)


def as_an_ordinary_user(folder):
    """Start of a command line that runs the rest as another user, who may enter Python's folders.

    Root's own Python often lies in a folder that is closed to others. It is shown to that one process in a
    view of the file system of its own, where an empty folder covers the closed one.
    """
    needed = sorted({Path(sys.base_prefix), Path(sys.prefix)})
    closed = {top for path in needed for top in path.parents if not top.stat().st_mode & 0o001}
    lines = ["set -e"]
    kept = {path: folder / f"kept-{number}" for number, path in enumerate(needed) if closed & {*path.parents}}
    for path, place in kept.items():
        lines += [f"mkdir {quote(place)}", f"mount --rbind {quote(path)} {quote(place)}"]
    lines += [f"mount -t tmpfs -o mode=755 tmpfs {quote(top)}" for top in sorted(closed)]
    for path, place in kept.items():
        lines += [f"mkdir -p {quote(path)}", f"mount --rbind {quote(place)} {quote(path)}"]
    lines.append(f'exec setpriv --reuid {NOBODY_YET} --regid {NOBODY_YET} --clear-groups -- "$@"')
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh"]


def quote(path):
    """Path as a word of a shell."""
    return shlex.quote(str(path))


# -- verdicts -----------------------------------------------------------------------------------


def assert_verdict(class_, lesson, name):
    """A submission got exactly the points that it must get, and the reasons."""
    attack, result = class_.submissions[lesson][name], class_.results[name][lesson]
    assert {exercise: entry["score"] for exercise, entry in result["exercises"].items()} == attack.scores, (
        result
    )
    assert result["score"] == sum(attack.scores.values())
    assert result["max_score"] == sum(EXERCISES[exercise].points for exercise in LESSONS[lesson])
    if attack.error:
        assert re.search(attack.error, result["error"])
    else:
        assert result["error"] is None
    for exercise, message in attack.messages.items():
        assert re.search(message, result["exercises"][exercise]["message"], re.DOTALL)
    for exercise, entry in result["exercises"].items():
        assert entry["max_score"] == EXERCISES[exercise].points
        assert (entry["status"] == "passed") == (entry["score"] > 0)
        assert len(entry["message"]) < 5_000


@pytest.mark.parametrize(("lesson", "name"), NAMES, ids=[name for _, name in NAMES])
def test_submission_gets_its_verdict(everybody, lesson, name):
    assert_verdict(everybody, lesson, name)


AGAIN_NAMES = [(lesson, name) for lesson, name in NAMES if name in AGAIN]


@pytest.mark.parametrize(("lesson", "name"), AGAIN_NAMES, ids=[name for _, name in AGAIN_NAMES])
def test_submission_gets_its_verdict_from_an_ordinary_user(by_an_ordinary_user, lesson, name):
    assert_verdict(by_an_ordinary_user, lesson, name)


def assert_nothing_else(class_):
    """Nothing was changed or left, nobody was reached, and the gradebook holds what the results say."""
    assert class_.after == class_.before
    assert class_.processes == []
    assert class_.heard == []
    assert list(class_.temporary.iterdir()) == []
    assert list(left_behind(class_)) == []
    graded = {(lesson, name) for name, by_lesson in class_.results.items() for lesson in by_lesson}
    handed_in = {(lesson, name) for lesson, made in class_.submissions.items() for name in made}
    # what is behind a closed folder may be there
    assert handed_in <= graded <= handed_in | {(LATER, "file_in_a_closed_folder")}
    url = f"sqlite:///{(class_.folder / 'gradebook.db').as_posix()}"
    with Gradebook(url, "norms") as gradebook:
        assert {assignment.name for assignment in gradebook.assignments} == {FIRST, LATER}
        assert {student.id for student in gradebook.students} == set(class_.results)
        for lesson in (FIRST, LATER):
            written = written_ids(read("notebooks", lesson))
            submitted = {s.student.id: s for s in gradebook.assignment_submissions(lesson)}
            assert submitted.keys() == {name for known, name in graded if known == lesson}
            for name, submission in submitted.items():
                result = class_.results[name][lesson]
                grades = {g.name: g for notebook in submission.notebooks for g in notebook.grades}
                checked = {f"{n}-tests": e["score"] for n, e in result["exercises"].items()}
                assert {n: g.auto_score for n, g in grades.items() if n not in written} == checked
                assert all(grades[n].auto_score in (None, 0) for n in written)
                assert {g.manual_score for g in grades.values()} == {None}
                assert {g.extra_credit for g in grades.values()} <= {None, 0}
                assert submission.score == result["score"]


def left_behind(class_):
    """Files with the name that attacks give to what they leave."""
    packages = Path(sysconfig.get_path("purelib"))
    here = [
        "/",
        "/tmp",
        "/var/tmp",
        "/dev",
        "/dev/shm",
        "/run",
        "/usr/lib",
        Path.home(),
        packages,
        ROOT,
        ROOT / "src",
    ]
    for folder in here:
        yield from Path(folder).glob(f"*{MARK}*")
    yield from class_.root.parent.rglob(f"*{MARK}*")
    yield from (Path.home() / ".ipython").rglob(f"*{MARK}*")


def test_nothing_was_changed_or_left(everybody):
    assert_nothing_else(everybody)


def test_nothing_was_changed_or_left_by_an_ordinary_user(by_an_ordinary_user):
    assert_nothing_else(by_an_ordinary_user)


def test_the_terminal_shows_no_control_characters(everybody):
    """What submissions are called or say does not steer the terminal."""
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", everybody.output)


# -- what gets out ------------------------------------------------------------------------------


def texts_of(class_, lesson, name):
    """All that a submission's grading said anywhere: notebook, results and page."""
    page = class_.folder / "feedback" / name / lesson / f"{lesson}.html"
    texts = [class_.notebook(lesson, name), json.dumps(class_.results[name][lesson])]
    return "\n".join(texts + ([page.read_text(encoding="utf-8")] if page.exists() else []))


def long_numbers(value):
    """The first digits of all numbers in a value that nobody would write by chance."""
    text = json.dumps(value, default=lambda item: item.tolist() if hasattr(item, "tolist") else repr(item))
    digits = {number.replace(".", "").lstrip("0")[:7] for number in re.findall(r"\d+\.\d+|\d+", text)}
    return {number for number in digits if len(number) == 7 and not number.endswith("000")}


@pytest.mark.parametrize("name", [name for _, name in NAMES if name.startswith(("leak", "honest"))])
def test_hidden_inputs_stay_hidden(everybody, pages, name):
    """Neither they, nor what is due, nor the seed is in the notebook, the results or the page."""
    lesson = next(lesson for lesson, known in NAMES if known == name)
    said = texts_of(everybody, lesson, name)
    assert "LEAKED" not in said
    assert SECRET not in said
    digits = set(re.findall(r"\d{7}", re.sub(r"(?<=\d)\.(?=\d)|(?<!\d)0\.0*", "", said)))
    for exercise in LESSONS[lesson]:
        seed = seed_of(f"seed {SEED}".encode(), name, lesson, exercise)
        assert str(seed) not in said
        hidden = EXERCISES[exercise].drawn_cases(seed)
        for case in hidden:
            numbers = long_numbers([case.args, case.expected if not callable(case.expected) else None])
            assert not numbers & digits


def test_the_secret_and_the_paths_of_the_machine_are_nowhere(everybody, pages):
    for lesson, name in NAMES:
        said = texts_of(everybody, lesson, name).replace(json.dumps(str(everybody.root))[1:-1], "", 0)
        assert SECRET not in said, name
        assert str(everybody.temporary) not in said, name


# -- what runs in a browser ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(everybody):
    """Return the feedback pages of those who try something there, and of honest ones."""
    option = f"--CourseDirectory.student_id={SHOWN}"
    everybody.run("nbgrader", "generate_feedback", FIRST, option, timeout=600)
    return {
        name: everybody.folder / "feedback" / name / FIRST / f"{FIRST}.html"
        for lesson, name in NAMES
        if lesson == FIRST and name[0] in SHOWN
    }


class Markup(html.parser.HTMLParser):
    """Collects what of a page is more than text."""

    QUIET = {"style", "class", "id", "title", "alt", "colspan", "aria-hidden", "aria-label", "max", "value"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.scripts = set(), set(), []
        self._script = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            if name not in self.QUIET or "javascript" in (value or "").lower():
                self.attributes.add((tag, name, self._kind(name, value or "")))
        if tag in ("script", "style"):
            self._script = [dict(attributes).get("src"), ""]
            self.scripts.append(self._script)

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._script = None

    def handle_data(self, data):
        if self._script is not None:
            self._script[1] += data

    @staticmethod
    def _kind(name, value):
        """An attribute's value, or of an address what kind it is."""
        address = re.sub(r"[\x00-\x20]", "", value.lower())
        if name in ("href", "src") and address.startswith("#"):
            return "#"
        if name in ("href", "src") and address.startswith(("https://", "http://", "data:image/png;base64,")):
            return address.partition(":")[0]
        return value


def test_pages_hold_nothing_that_runs(pages):
    """Their tags, attributes and scripts are those of an honest submission's page."""
    known = [Markup(pages[name].read_text(encoding="utf-8")) for name in pages if name.startswith("honest")]
    tags = set().union(*(markup.tags for markup in known))
    attributes = set().union(*(markup.attributes for markup in known))
    scripts = [script for markup in known for script in markup.scripts]
    assert not any(ALIVE in str(script) for script in scripts)
    # what Markdown makes of harmless text
    tags |= {
        "br",
        "mark",
        "blockquote",
        "del",
        "s",
        "hr",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "input",
        "h1",
        "h2",
    }
    for name, page in pages.items():
        found = Markup(page.read_text(encoding="utf-8"))
        assert found.tags <= tags, name
        assert {
            a for a in found.attributes - attributes if a[2] not in ("http", "https", "#", "data")
        } == set(), name
        assert [script for script in found.scripts if script not in scripts] == [], name


@pytest.mark.parametrize(("lesson", "name"), NAMES, ids=[name for _, name in NAMES])
def test_notebook_holds_text_and_pictures_only(everybody, lesson, name):
    """An autograded notebook has the released cells' metadata and outputs of the grader's kind only."""
    text = everybody.notebook(lesson, name)
    assert len(text) < 8_000_000
    notebook = json.loads(text)
    released = {cell.id: cell for cell in read("notebooks", lesson).cells}
    assert notebook["metadata"] == json.loads(json.dumps(read("notebooks", lesson).metadata))
    for cell in notebook["cells"]:
        known = released.pop(cell["id"], None)
        assert cell["metadata"] == (json.loads(json.dumps(known.metadata)) if known else {})
        assert "attachments" not in cell
        if cell["cell_type"] != "code" and (known is None or known.source != cell["source"]):
            assert not re.search(r"<[A-Za-z/!?]|\][(:]", cell["source"])
        for output in cell.get("outputs", []):
            assert output["output_type"] in ("stream", "display_data", "execute_result")
            is_check = cell["id"].endswith("-tests")
            assert is_check or output.get("data", {}).keys() <= {"text/plain", "image/png"}
            card = output.get("data", {}).get("text/html", "")
            markup = Markup(card)
            assert markup.scripts == []
            assert {name for _, name, _ in markup.attributes} <= {"open", "role"}
    assert not released


@pytest.fixture(scope="module")
def watched(browser):
    """Return a function that opens a page and tells what of a submission came alive there."""

    def look(address):
        alive, page = [], browser.new_page()
        page.route("**/*", lambda route: _local_only(route))
        page.on("dialog", lambda dialog: (alive.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: alive.append(message.text) if ALIVE in message.text else None)
        try:
            page.goto(address, wait_until="domcontentloaded", timeout=60_000)
            page.wait_for_timeout(500)
            for link in page.locator("a").all():
                target = (link.get_attribute("href") or "").strip().lower()
                assert re.match(r"(#|https?:|/|\.|mailto:|$)", target), target
            alive += page.evaluate(
                "() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
                ".filter(a => a.name.startsWith('on') && a.value.includes('ALIVE')).map(a => a.name)"
            )
            return alive
        finally:
            page.close()

    return look


def _local_only(route):
    local = route.request.url.startswith(("file:", "data:", "http://127.0.0.1"))
    return route.continue_() if local else route.abort()


@pytest.mark.parametrize("name", [name for _, name in NAMES if name.startswith(("markup", "link_in"))])
def test_page_is_dead_in_a_browser(pages, watched, name):
    assert watched(pages[name].as_uri()) == []


@pytest.fixture(scope="module")
def formgrader(everybody):
    """Return the address of a Formgrader on the graded course."""
    with running_formgrader(everybody.root, everybody.environment) as address:
        yield address


@pytest.mark.parametrize(
    "name", [name for _, name in NAMES if re.match("markup_in_(an_answer|outputs|cells)", name)]
)
def test_formgrader_shows_it_dead(everybody, formgrader, watched, name):
    url = f"sqlite:///{(everybody.folder / 'gradebook.db').as_posix()}"
    with Gradebook(url, "norms") as gradebook:
        submission = gradebook.find_submission_notebook(FIRST, FIRST, name).id
    assert watched(f"{formgrader}/submissions/{submission}/") == []
