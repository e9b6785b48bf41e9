"""The grader's end of the conversation with a submission: workers, children, and attempts at exercises."""

import contextlib
import json
import math
import secrets
import socket
import subprocess
import tempfile
import time
from dataclasses import replace

from autograder.grading import crossing, sandbox, wire
from helpers.calling import Attempt, Call, Died, TimeLimit

_START_SECONDS = 120  # of a worker on a busy machine, which loads the scientific packages
_GRACE = 1.5  # seconds that a child may take longer than the function that it calls
_REFERENCE_SECONDS = 10
_MOST_NESTED = 16  # references whose functions ask for references whose functions ask for references
_PRELOADED = (
    "scipy.special",
    "scipy.optimize",
    "scipy.linalg",
    "sklearn.linear_model",
    "sklearn.preprocessing",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.feature_extraction.text",
    "sklearn.pipeline",
    "sklearn.impute",
    "sklearn.datasets",
    "helpers.functions",
    "helpers.data",
    "helpers.plots",
    "threadpoolctl",
    "autograder.reading",
)


class Worker:
    """A process in the sandbox that forks a child for each submission, one at a time.

    Parameters
    ----------
    level : {"bubblewrap", "none"}
    for_references : bool
        Whether it answers for references instead of running submissions.

    Raises
    ------
    SandboxError
        If it does not start.
    """

    def __init__(self, level, for_references=False):
        settings = {
            "isolated": level == "bubblewrap",
            "answers_for_references": for_references,
            "preload": [] if for_references else _PRELOADED,
        }
        self._stack = contextlib.ExitStack()
        self._child = None
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(sandbox.stage(for_references))
            errors = stack.enter_context(tempfile.TemporaryFile())
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stack.callback(self._control.close)
            with theirs:
                self._process = sandbox.start(level, folder, json.dumps(settings), theirs.fileno(), errors)
            stack.callback(self._end)
            self._control.settimeout(_START_SECONDS)
            try:
                ready = self._control.recv(100)
            except OSError:
                ready = b""
            self._errors = errors
            if ready != b"ready":
                raise sandbox.SandboxError(f"The sandbox did not start: {self.errors()}. {sandbox.WAY_OUT}")
            self._stack = stack.pop_all()

    def errors(self):
        """Last line of what it wrote to stderr."""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it says nothing"

    def child(self):
        """A new child; the one before is killed.

        Raises
        ------
        SandboxError
            If the worker itself has ended.
        """
        self._forget_child()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"new"], [theirs.fileno()])
                done = self._control.recv(100)
            except OSError:
                done = b""
        if done != b"done":
            ours.close()
            raise sandbox.SandboxError("The worker has ended.")
        self._child = Child(ours)
        return self._child

    def _forget_child(self):
        if self._child:
            self._child.close()

    def try_child(self):
        """See that a child runs in the sandbox before any submission does.

        Raises
        ------
        SandboxError
            If it does not; the worker is closed.
        """
        try:
            self.child().request("read", [], {}, seconds=_START_SECONDS)
        except wire.WireError:
            said = self.errors()
            self.close()
            raise sandbox.SandboxError(f"The sandbox does not work here: {said}. {sandbox.WAY_OUT}") from None
        self.kill_child()

    def kill_child(self):
        """Kill the child, if there is one."""
        self._forget_child()
        with contextlib.suppress(OSError):
            self._control.send(b"end")
            self._control.recv(100)

    def _end(self):
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)

    def close(self):
        """End the worker with all that it has started."""
        self._forget_child()
        self._stack.close()


class Child:
    """A forked process, seen from the grader.

    Parameters
    ----------
    connection : socket.socket
    """

    def __init__(self, connection):
        self._stream = wire.Stream(connection)
        self._closed = False
        self.answer_for = None  # function that answers what the child asks
        self.begun = None  # last cell that it said it begins

    @property
    def usable(self):
        """Whether it can still be asked."""
        return not self._closed

    def request(self, what, *with_, seconds, seconds_per_cell=0.0):
        """Ask the child to do something.

        Parameters
        ----------
        what : str
            Name of a ``do_`` method of the worker's `Child`.
        *with_ : object
            Its arguments.
        seconds : float
            Time until the answer has to be complete.
        seconds_per_cell : float
            Time until the child has to answer, or to say that it begins with another cell; 0 for no limit.

        Returns
        -------
        content : object
            Plain data, and nothing in it is true only because it came.

        Raises
        ------
        WireError
            `DeadlineMissed`, `Closed`, or if what came is no answer; the child is of no use then.
        """
        deadline = time.monotonic() + seconds
        nonce = secrets.token_hex(16)
        try:
            self._send(_frame(nonce, what, *with_), deadline)
            return self._answer(nonce, deadline, seconds_per_cell)
        except BaseException:
            self.close()
            raise

    def calls(self, name, many_args, deadline, forbidden):
        """Let the child call a function again and again, and yield what it tells of each call.

        It knows the arguments of all calls from the first one on. If not all answers are asked for, it is
        of no use afterwards.

        Parameters
        ----------
        name : str
        many_args : list of tuple
        deadline : float
            Of all calls together.
        forbidden : sequence of str
            Names of the functions whose calls it tells of.

        Raises
        ------
        WireError
            As for `request`.
        """
        nonces = [secrets.token_hex(16) for _ in many_args]
        calls = [[nonce, list(args)] for nonce, args in zip(nonces, many_args, strict=True)]
        try:
            frame = _frame("", "calls", name, calls, deadline - time.monotonic(), list(forbidden))
        except wire.WireError:  # what is too much for one frame may do for two
            if len(calls) == 1:
                raise
            half = len(calls) // 2
            for some in (many_args[:half], many_args[half:]):
                yield from self.calls(name, some, deadline, forbidden)
            return
        n_left = len(calls)
        try:
            self._send(frame, deadline)
            for nonce in nonces:
                answer = self._answer(nonce, deadline + _GRACE, largest=wire.LARGEST_RESULT)
                n_left -= 1
                yield answer
        finally:
            if n_left:
                self.close()

    def _send(self, frame, deadline):
        if self._closed:
            raise wire.Closed("has ended")
        self._stream.send(frame, deadline)

    def _answer(self, nonce, deadline, seconds_per_cell=0.0, largest=wire.LARGEST):
        """Answer with a nonce; what the child asks meanwhile is answered for."""
        while True:
            soon = time.monotonic() + seconds_per_cell if seconds_per_cell else deadline
            message = self._stream.receive(crossing.unpacking(), min(soon, deadline))
            if type(message) is not list or len(message) != 3 or message[0] != nonce:
                raise wire.WireError("not an answer to the question")
            _, kind, content = message
            if kind == "answer":
                if any(size > most for size, most in zip(self._stream.size, largest, strict=True)):
                    raise wire.WireError("an answer is too large")
                return content
            if kind == "begins" and type(content) is int:
                self.begun = content
            elif kind == "asks" and self.answer_for and type(content) is list and len(content) == 2:
                number, question = content
                answer = [number, self.answer_for(self, question, deadline)]
                self._stream.send(wire.encode(answer, crossing.packing()), deadline)
            else:
                raise wire.WireError("not an answer to the question")

    def close(self):
        """Close the connection."""
        self._closed = True
        self._stream.close()


class References:
    """Answers for references: of earlier lessons, and in place of functions that failed.

    They are computed in a process of their own, since the arguments are a submission's: a call that never
    ends, or takes all memory, ends that process only. It is started when it is first needed.

    Parameters
    ----------
    level : {"bubblewrap", "none"}
    module_by_name : dict of str to str
        Module of each function that may ever be asked for.
    """

    def __init__(self, level, module_by_name):
        self._level = level
        self._module_by_name = module_by_name
        self._worker = self._child = None
        self._asker = None
        self._n_nested = 0

    def answer(self, asker, content, deadline, allowed):
        """Answer of a reference to what a submission asks.

        Parameters
        ----------
        asker : Child
            The submission's; functions among the arguments are called there.
        content : object
            Name, arguments and keyword arguments, as they came.
        deadline : float
        allowed : collection of str
            Names that are answered for.

        Returns
        -------
        answer : dict
        """
        try:
            name, args, kwargs = content
            if name not in allowed:
                raise wire.WireError(f"{str(name)[:40]!r} is not answered for")
            if type(args) is not list or type(kwargs) is not dict:
                raise wire.WireError("not a call")
        except (TypeError, ValueError):
            raise wire.WireError("not a call") from None
        if self._n_nested >= _MOST_NESTED:
            return _failed_reference("RecursionError", f"{name} calls itself without end")
        self._asker = asker
        seconds = min(_REFERENCE_SECONDS, deadline - time.monotonic())
        self._n_nested += 1
        try:
            return self._ready().request("refer", name, args, kwargs, seconds=seconds)
        except wire.WireError as error:
            self.forget()  # it may still be at it, and would slow down what comes next
            text = f"{name} did not come to an end with these arguments ({error})"
            return _failed_reference("RuntimeError", text)
        finally:
            self._n_nested -= 1

    def _ready(self):
        if self._child is None:
            self._child = self._new_child()
            self._child.answer_for = self._call_back
            self._child.request("load", [[m, n] for n, m in self._module_by_name.items()], seconds=60)
        return self._child

    def _new_child(self):
        """A child of the worker, which is started when it is first needed, and anew if it has ended."""
        if self._worker is not None:
            try:
                return self._worker.child()
            except sandbox.SandboxError:
                self._worker.close()
        self._worker = Worker(self._level, for_references=True)
        return self._worker.child()

    def _call_back(self, child, content, deadline):
        """Call a function of the submission's for a reference."""
        number, args, _ = content
        seconds = deadline - time.monotonic()
        return self._asker.request("call_back", number, args, seconds=seconds)

    def forget(self):
        """End what answered so far: nothing of one submission may reach, or slow down, another."""
        if self._child:
            self._child = None
            self._worker.kill_child()

    def close(self):
        """End the process."""
        if self._worker:
            self._worker.close()


class RemoteAttempt(Attempt):
    """An attempt at an exercise whose function is in a child.

    A child that ends, hangs or answers nonsense costs this exercise: what is left of its calls fails
    without being tried.

    Parameters
    ----------
    child : Child
    name : str
        Of the function.
    forbidden : str
        A forbidden function that its code mentions, or "".
    """

    def __init__(self, child, name, forbidden=""):
        self.child = child
        self.name = name
        self.mentioned = forbidden
        self._early = {}
        self._moved_early = False
        self._instead = self._signature = ""
        self.missing = False
        self.lost = None  # why the child is of no use any more

    def describe(self, counts):
        """Ask the child about the function, which the cases call with so many arguments."""
        answer = self._request("describe", self.name, sorted(counts), seconds=10)
        texts = [answer.get(key) for key in ("instead", "signature")] if type(answer) is dict else [None]
        if all(type(text) is str for text in texts):
            self.missing = answer.get("missing") is True
            self._instead, self._signature = map(crossing.printable, texts)

    def not_callable(self):
        """What it is instead of a function, as text; "" for a function."""
        return self._instead

    def wrong_signature(self, counts):
        """Its signature, if it cannot take as many positional arguments as `describe` was told; else ""."""
        return self._signature

    def call_early(self, cases, seconds, forbidden):
        """Call it on cases that hide nothing, before the child has seen anything hidden."""
        with self.restored_globals() as moved_global_random:
            deadline = time.monotonic() + seconds
            records = self._calls([case.args for case in cases], deadline, forbidden)
            stopped = None
            for number, case in enumerate(cases):
                record = stopped or next(records)
                if time.monotonic() > deadline:  # also where it was swallowed
                    record = replace(record, error=TimeLimit, error_text="TimeLimit")
                # none of these cases is left for later, when the child knows hidden ones
                self._early[id(case.args)] = record
                if record.error is TimeLimit or (number == 0 and record.error is NotImplementedError):
                    stopped = record
            self._moved_early = moved_global_random()

    def call(self, args, seconds, forbidden=()):
        """Call it in the child, and return the record of the call."""
        (record,) = self.calls([args], time.monotonic() + seconds, forbidden)
        return record

    def calls(self, many_args, deadline, forbidden=()):
        """Yield the records of several calls in the child; it runs ahead while they are judged."""
        later = self._calls([args for args in many_args if id(args) not in self._early], deadline, forbidden)
        for args in many_args:
            early = self._early.pop(id(args), None)
            yield next(later) if early is None else early

    def _calls(self, many_args, deadline, forbidden):
        # the first one alone: a starter is not called again
        for some in filter(None, (many_args[:1], many_args[1:])):
            answers = self.child.calls(self.name, some, deadline, forbidden)
            for _ in some:
                yield self._record(answers, deadline, forbidden)

    def _record(self, answers, deadline, forbidden):
        """Record of the call that is answered next."""
        if self.lost:
            return self.lost
        if time.monotonic() >= deadline:
            return Call(error=TimeLimit, error_text="TimeLimit")
        try:
            answer = self._asked(next, answers)
            record = answer if answer is self.lost else crossing.call_of(answer, forbidden)
        except (ValueError, KeyError, TypeError):
            record = self.lost = _lost("what it sent was no result")
        if record.error in (TimeLimit, MemoryError):
            self.lost = record  # what was interrupted may go on later, and freed memory may lie in pieces
        if self.lost:
            self.child.close()
            return self.lost
        if record.forbidden or not self.mentioned:
            return record
        return Call(value=record.value, forbidden=self.mentioned)

    def count_lines(self, args, seconds):
        """Count the lines that a call executes in the child; infinity if it comes to no end there."""
        answer = self._request("lines", self.name, list(args), seconds, seconds=seconds + _GRACE)
        return answer if type(answer) is int else math.inf

    @contextlib.contextmanager
    def restored_globals(self):
        """As for any attempt, in the child, which puts things back when it begins with the next exercise."""
        self._request("open", self.name, seconds=10)
        yield lambda: self._moved_early or self._request("moved", seconds=10) is True

    def _request(self, what, *with_, **options):
        """Answer of the child, or the record of a lost call."""
        return self._asked(self.child.request, what, *with_, **options)

    def _asked(self, ask, *args, **options):
        """What asking the child comes to: its answer, or the record of a lost call."""
        if self.lost:
            return self.lost
        try:
            return ask(*args, **options)
        except wire.DeadlineMissed:
            self.lost = Call(error=TimeLimit, error_text="TimeLimit")
        except wire.Closed:
            self.lost = _lost("the Python process ended while it ran")
        except wire.WireError:
            self.lost = _lost("what it sent was no result")
        return self.lost


def _frame(nonce, what, *with_):
    """Frame of a request to a child."""
    return wire.encode({"nonce": nonce, "do": what, "with": list(with_)}, crossing.packing())


def _failed_reference(kind, text):
    return {"value": None, "error": [kind], "text": text, "warned": [], "states": []}


def _lost(sentence):
    return Call(error=Died, error_text=sentence)
