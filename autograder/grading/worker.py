"""The process that runs submissions; it starts inside the sandbox and knows no reference.

It loads the scientific packages once and then forks a child for each submission. The child locks itself
up, reads the cells, says what it read, runs them, and answers calls until it is killed. The same program
with another set of packages answers calls of references; see `remote`.

Run as ``worker.py FOLDER SETTINGS FD``: the folder of its own modules, JSON, and an inherited socket.
"""

import builtins
import contextlib
import copy
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import types
import warnings

sys.path[0] = sys.argv[1]

from autograder.grading import isolation  # noqa: E402

SETTINGS = json.loads(sys.argv[2])
CONTROL = socket.socket(fileno=int(sys.argv[3]))
if SETTINGS["isolated"]:
    isolation.become_unprivileged()

import numpy as np  # noqa: E402

from autograder.grading import crossing, wire  # noqa: E402
from helpers.calling import Attempt, TimeLimit, time_limit  # noqa: E402

_CELL_SECONDS = 15
_SECONDS_FOR_DEFINITIONS = 2
_LARGEST_MEMORY = 2 << 30  # bytes of all processes of one submission together
_MOST_CPU_SECONDS = 300
_MOST_ANSWERS = 2_000  # of the grader that are kept


# -- in the child -------------------------------------------------------------------------------


class Child:
    """One submission's end of the conversation with the grader.

    Parameters
    ----------
    connection : socket.socket
    """

    def __init__(self, connection):
        self.stream = wire.Stream(connection)
        self.namespace = {}
        self.namespaces = {}
        self.entered = None
        self.nonce = ""
        self.handles = {}
        self.open = contextlib.ExitStack()
        self.moved = bool
        self.n_asked = 0
        self.answers = {}

    def serve(self):
        """Answer requests until the grader closes."""
        while True:
            message = self.receive()
            if type(message) is dict:  # else an answer that a time limit did not let us wait for
                self.answer(message)

    def receive(self):
        """Next message of the grader."""
        return self.stream.receive(crossing.unpacking(self.call_back))

    def send(self, kind, content, largest=wire.LARGEST):
        """Send a message that is an answer, or part of one."""
        self.stream.send(wire.encode([self.nonce, kind, content], crossing.of_result, largest))

    def tell(self, result, largest=wire.LARGEST):
        """Answer with a result, or with what stands for one that is too large."""
        try:
            self.send("answer", result, largest)
        except wire.WireError:
            self.send("answer", {**result, "value": HugeResult()})

    def answer(self, request):
        """Do what a request asks for and send what came of it."""
        outer, self.nonce = self.nonce, request["nonce"]
        try:
            if request["do"] == "calls":
                self.call(*request["with"])
            else:
                self.tell(getattr(self, f"do_{request['do']}")(*request["with"]))
        finally:
            self.nonce = outer

    def call(self, name, calls, seconds, forbidden):
        """Call a function again and again, and tell after each call what it did."""
        attempt, end = Attempt(self.namespace.get(name)), time.monotonic() + seconds
        for self.nonce, args in calls:
            record = attempt.call(args, end - time.monotonic(), forbidden)
            self.tell(crossing.of_call(record), wire.LARGEST_RESULT)
            if record.error in (TimeLimit, MemoryError):
                break

    # what the grader asks for

    def do_read(self, cells, exercises):
        """What the cells say: which of them are to run, and what each exercise's code reaches."""
        from autograder.reading import (  # loaded already
            UNREADABLE,
            Program,
            bound_and_used_names,
            cells_to_run,
            sets_up,
        )

        described = []
        for source, own, names in cells:
            try:
                bound, used = map(set, names) if names else bound_and_used_names(source)
            except UNREADABLE:
                bound, used = set(), set()
            described.append((own, bound, used))
        self.cells = cells
        needed = zip(cells, described, strict=True)
        self.chosen = cells_to_run(
            [(own or sets_up(c[0], used), bound, used) for c, (own, bound, used) in needed]
        )
        program = Program([cell[0] if i in self.chosen else "" for i, cell in enumerate(cells)])
        return {
            name: [
                sorted(program.mentioned(name) & exercises.keys() - {name}),
                program.forbidden(name, forbidden, place) if forbidden else "",
                _last_that_binds(program.reached(name), described),
                _last_that_binds({name}, described),
            ]
            for name, (forbidden, place) in exercises.items()
        }

    def do_run(self, skipped, given, checks, seconds):
        """Run the cells in order; returns the errors by cell. Says which one it begins.

        An exercise keeps the names as they are where its check stands: before the cell of that number.
        When all cells together have taken so many seconds, there is time for definitions only.
        """
        _offer(given, self.ask)
        errors, end = [], time.monotonic() + seconds
        for index in range(len(self.cells) + 1):
            self.namespaces |= {name: dict(SHELL.user_ns) for name, place in checks if place == index}
            if index in self.chosen and index not in skipped:
                self.send("begins", index)
                left = max(end - time.monotonic(), _SECONDS_FOR_DEFINITIONS)
                error = _run_cell(self.cells[index][0], min(_CELL_SECONDS, left))
                if error:
                    errors.append([index, *error])
        self.namespace = SHELL.user_ns
        return errors

    def do_load(self, names):
        """Offer functions of modules by name: what the process that answers for references is for."""
        for module, function in names:
            self.namespace[function] = getattr(importlib.import_module(module), function)

    def enter(self, name):
        """Put the names back as the exercise had them last, at first where its check stands."""
        if name in self.namespaces and name != self.entered:
            if self.entered:
                self.namespaces[self.entered] = dict(self.namespace)
            self.entered = name
            self.namespace.clear()
            self.namespace.update(self.namespaces[name])

    def do_describe(self, name, counts):
        """Whether a name is a function that takes so many arguments."""
        self.enter(name)
        if name not in self.namespace:
            return {"missing": True, "instead": "", "signature": ""}
        attempt = Attempt(self.namespace[name])
        return {
            "missing": False,
            "instead": attempt.not_callable(),
            "signature": attempt.wrong_signature(counts),
        }

    def do_refer(self, name, args, kwargs):
        """Call a reference for a submission; random generators go back as the call left them."""
        result = _plain_call(self.namespace[name], args, kwargs)
        states = [generator.bit_generator.state for generator in _generators(args, kwargs)]
        return {**result, "states": states}

    def do_call_back(self, number, args):
        """Call a function of the submission's that stays here while a reference uses it."""
        return _plain_call(self.handles[number], args, {})

    def do_lines(self, name, args, seconds):
        """Count the lines that a call executes."""
        return Attempt(self.namespace.get(name)).count_lines(args, seconds)

    def do_open(self, name):
        """Begin with an exercise: put back what the one before changed, remember what this one may change."""
        self.open.close()
        self.enter(name)
        self.moved = self.open.enter_context(Attempt(self.namespace.get(name)).restored_globals())

    def do_moved(self):
        """Whether global random numbers have been drawn since."""
        return bool(self.moved())

    def do_substitute(self, names):
        """Let these names stand for functions that the grader answers for."""
        put_right = {name: _asking(self.ask, name) for name in names}
        for namespace in (self.namespace, *self.namespaces.values()):
            namespace.update(put_right)

    # what the child asks for

    def ask(self, name, args, kwargs):
        """Let the grader call a function that is not here; it is asked once for the same arguments."""
        try:
            key = name, wire.encode([list(args), kwargs])
        except wire.WireError:  # with functions or random generators, it may answer otherwise
            return _result_of(self.asked(name, args, kwargs))
        if key not in self.answers:
            if len(self.answers) == _MOST_ANSWERS:
                self.answers.clear()
            self.answers[key] = self.asked(name, args, kwargs)
        return _result_of(copy.deepcopy(self.answers[key]))

    def asked(self, name, args, kwargs):
        """Answer of the grader to a call."""
        self.handles = dict(self.handles)
        self.n_asked += 1
        number, question = self.n_asked, [name, list(args), kwargs]
        frame = wire.encode([self.nonce, "asks", [number, question]], crossing.packing(self.handles))
        self.stream.send(frame)
        while True:
            message = self.receive()
            if type(message) is dict:
                self.answer(message)
            elif message[0] == number:
                message = message[1]
                break
        for generator, state in zip(_generators(args, kwargs), message.get("states", []), strict=False):
            generator.bit_generator.state = state
        return message

    def call_back(self, number):
        """A function of the other side's that is called through the grader, each time anew."""
        return lambda *args: _result_of(self.asked(number, args, {}))


def _last_that_binds(names, described):
    """Number of the last of the learner's own cells that binds one of some names; -1 if none does."""
    return max((i for i, (own, bound, _) in enumerate(described) if own and bound & names), default=-1)


class HugeResult:
    """Stands for a result that is too large or too deep to cross; people may read its name."""


def _asking(ask, name):
    def asking(*args, **kwargs):
        return ask(name, args, kwargs)

    asking.__name__ = asking.__qualname__ = name
    return asking


def _generators(args, kwargs):
    return [arg for arg in (*args, *kwargs.values()) if type(arg) is np.random.Generator]


def _plain_call(function, args, kwargs):
    """What a call of a function came to, for somebody who sees it as a call of their own."""
    value, error, text = None, None, ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = function(*args, **kwargs)
        except BaseException as raised:  # whatever it is, it is the answer
            error, text = [kind.__name__ for kind in type(raised).mro()], str(raised)
    warned = [[w.category.__name__, str(w.message)] for w in caught[:5]]
    return {"value": value, "error": error, "text": text, "warned": warned}


def _result_of(message):
    for category, text in message["warned"]:
        warnings.warn(text, getattr(builtins, category, RuntimeWarning), stacklevel=4)
    if message["error"]:
        raise crossing.error_named(message["error"])(message["text"])
    return message["value"]


def _offer(given, ask):
    """Put functions that the grader answers for into the modules from which lessons import them."""
    for module, names in given.items():
        made = types.ModuleType(f"helpers.{module}", "Functions that the grader answers for.")
        for name in names:
            setattr(made, name, _asking(ask, name))
        sys.modules[made.__name__] = made
        setattr(sys.modules["helpers"], module, made)


def _run_cell(source, seconds):
    """Run a cell; returns name and text of the exception that it ended with, or None."""
    try:
        with time_limit(seconds):
            result = SHELL.run_cell(source, store_history=False)
    except TimeLimit:
        return "It was stopped", f"it ran for more than {seconds:.0f} seconds"
    except BaseException as error:  # also SystemExit
        return type(error).__name__, str(error)[:500]
    error = result.error_before_exec or result.error_in_exec
    return (type(error).__name__, str(error)[:500]) if error else None


def live(connection):
    """Lead the life of a child; ends the process."""
    os.dup2(connection.fileno(), 3)
    os.closerange(4, 4096)
    os.setsid()  # so that signals to its group reach nobody else
    if SETTINGS["isolated"]:
        isolation.close_in()
    isolation.limit(_MOST_CPU_SECONDS)
    devnull = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(devnull, descriptor)
    os.close(devnull)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.path.insert(0, "")  # as in a notebook, which may write a module of its own
    with contextlib.suppress(wire.Closed):
        Child(socket.socket(fileno=3)).serve()


# -- in the worker ------------------------------------------------------------------------------


def fork(connection):
    """Fork a child; returns its PID, or 0 if the system does not allow it."""
    user = os.getuid(), os.getgid()
    try:
        child = isolation.fork_into_namespaces() if SETTINGS["isolated"] else os.fork()
    except OSError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 0
    if child:
        return child
    try:
        CONTROL.close()
        if SETTINGS["isolated"]:
            isolation.name_user(*user)
        live(connection)
    except BaseException as error:  # before its own stderr is closed, this reaches the grader
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(1)


def end(child):
    """Kill a child with all that it has started."""
    for kill in (os.kill,) if SETTINGS["isolated"] else (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def work():
    """Fork a child for each socket that comes, one at a time, until the grader closes."""
    child = 0
    while True:
        while not select.select([CONTROL], [], [], 0.1 if child else None)[0]:
            is_watched = child and SETTINGS["isolated"]
            if is_watched and isolation.memory_in_use({1, os.getpid()}) > _LARGEST_MEMORY:
                end(child)
                child = 0
        message, descriptors, _, _ = socket.recv_fds(CONTROL, 100, 1)
        if child:
            end(child)
            child = 0
        if not message:
            return
        if message == b"new":
            connection = socket.socket(fileno=descriptors[0])
            child = fork(connection)
            connection.close()
        CONTROL.send(b"done")


def _shell():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def ask_exit(self):  # what `exit` and `quit` do
            raise SystemExit

        def enable_gui(self, gui=None):
            pass  # there is no screen

        def enable_matplotlib(self, gui=None):
            return gui, "agg"  # nobody will see a figure

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Minimal"
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.enable_html_pager = False
    return Shell.instance(config=config)


if __name__ == "__main__":
    for _name in SETTINGS["preload"]:
        importlib.import_module(_name)
    if SETTINGS["answers_for_references"]:
        SHELL = None
    else:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        SHELL = _shell()
        plt.figure().canvas.draw()
        plt.close("all")
    gc.collect()
    gc.freeze()
    if SETTINGS["isolated"]:
        isolation.remember_address_space()
        isolation.hide_memory()
    CONTROL.send(b"ready")
    work()
