"""Where submissions are graded: in processes of this machine, or on the workers of a dask cluster.

What runs there imports this module, so nothing here imports nbgrader, which takes seconds.
"""

import atexit
import concurrent.futures
import contextlib
import functools
import gc
import hashlib
import multiprocessing
import os
import platform
import signal
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize

from autograder.grading import isolation, sandbox
from autograder.grading.grader import Grader
from autograder.grading.sandbox import ROOT

_CONNECT_SECONDS = 20
_PATIENCE = 60  # seconds for a cluster without workers
_GOES_ON = "What has been graded is kept; the same command goes on."


class GradeError(Exception):
    """Why nothing can be graded, as a sentence."""


class Ended(Exception):
    """A grading process ended before its time."""


# -- in the processes that grade ----------------------------------------------------------------

_GRADERS = {}
_ONE_AT_A_TIME = threading.Lock()  # warnings and printed text are caught for a whole process


def grade_one(task, version):
    """Grade a submission in this process, with a worker that stays for the next one.

    Parameters
    ----------
    task : Task
    version : str
        From `version_of` on the machine where the gradebook is.

    Returns
    -------
    graded : Graded

    Raises
    ------
    GradeError
        If this process has another version of the course.
    """
    if version != version_of(task.lesson):
        raise GradeError(
            f"On {platform.node()}, a worker has another version of the course than there is here: update "
            "both, restart the worker, and grade again."
        )
    with _ONE_AT_A_TIME:
        if task.level not in _GRADERS:
            grader = _GRADERS[task.level] = Grader(sandbox.choose(task.level))
            # processes of a pool end without atexit, others without multiprocessing's own
            Finalize(None, grader.close, exitpriority=10)
            atexit.register(grader.close)
            gc.freeze()  # what is loaded by now stays, and need not be looked through again and again
        return _GRADERS[task.level].grade(task)


@functools.cache
def version_of(lesson, root=ROOT):
    """Hash of all files of the course that results of a lesson follow from.

    Parameters
    ----------
    lesson : str
    root : Path
        The project's folder.

    Returns
    -------
    version : str
    """
    files = [root / "notebooks" / lesson / f"{lesson}.ipynb"]
    for folder in ("src/helpers", "autograder"):
        files += sorted((root / folder).rglob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        name = path.relative_to(root)
        if not {"plots", "course"}.intersection(name.parts):
            digest.update(name.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_here():
    """Whether the course is here; that it can be asked is the answer."""
    return True


def _begin():
    """Let this process end with the one that started it, however that ends, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if platform.system() == "Linux":
        isolation.die_with_parent()


# -- in the run ---------------------------------------------------------------------------------


class Pool:
    """Processes of this machine that run `grade_one`.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    n_processes : int
    """

    def __init__(self, executor, n_processes):
        self._executor = executor
        self._n_processes = n_processes
        self._is_broken = False

    def n_at_once(self):
        """Number of submissions that it is worth to have with the pool."""
        return 2 * self._n_processes

    def look(self):
        """See that there is still somebody who grades; called while nothing comes."""

    def submit(self, task):
        """Have a submission graded; returns a future.

        Raises
        ------
        Ended
            If a process has ended before its time.
        """
        try:
            return self._executor.submit(grade_one, task, version_of(task.lesson))
        except BrokenProcessPool:
            self._is_broken = True
            raise Ended from None

    def result(self, future):
        """What the grading of a submission came to.

        Raises
        ------
        Ended
            If a process that graded it has ended before its time.
        """
        try:
            return future.result()
        except BrokenProcessPool:
            self._is_broken = True
            raise Ended from None

    def tidy(self):
        """End what a broken pool would wait for without end.

        That is a process that began while another one died and, before Python 3.11.5 (gh-94777), a thread
        that writes to processes which are no more.
        """
        if self._is_broken:
            for process in multiprocessing.active_children():
                process.kill()
            if sys.version_info < (3, 11, 5):
                self._executor._call_queue._reader.close()


class _ClusterPool(Pool):
    """Workers of a dask cluster, which come and go.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    client : distributed.Client
    """

    def __init__(self, executor, client):
        super().__init__(executor, 0)
        self._client = client
        self._seen = time.monotonic()

    def n_at_once(self):
        return 2 * max(1, self._n_threads())

    def look(self):
        if self._n_threads():
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > _PATIENCE:
            raise GradeError(f"The cluster has no worker any more. {_GOES_ON}")

    def _n_threads(self):
        with _sentences():
            return sum(self._client.nthreads().values())

    def submit(self, task):
        with _sentences():
            return super().submit(task)

    def result(self, future):
        with _sentences():
            return super().result(future)


@contextlib.contextmanager
def _sentences():
    """Turn what dask raises into what a person can do about it."""
    from distributed import KilledWorker

    try:
        yield
    except KilledWorker:
        raise Ended from None
    except (OSError, concurrent.futures.CancelledError):
        raise GradeError(f"The cluster has ended. {_GOES_ON}") from None


@contextlib.contextmanager
def processes(n_processes):
    """Pool of processes of this machine."""
    # they compute references one by one; set before they load NumPy
    os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    # processes and not threads: judging takes the interpreter's lock as much as waiting for a worker
    # spawned, so that no grader inherits the gradebook's connection
    context = multiprocessing.get_context("spawn")
    executor = concurrent.futures.ProcessPoolExecutor(n_processes, context, _begin)
    pool = Pool(executor, n_processes)
    try:
        yield pool
    finally:
        pool.tidy()
        executor.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def cluster(address):
    """Pool of a dask cluster's workers.

    Parameters
    ----------
    address : str
        Of its scheduler.

    Raises
    ------
    GradeError
        If there is no cluster, or no worker in it.
    """
    try:
        from distributed import Client
    except ImportError:
        raise GradeError("A cluster needs dask: pip install distributed.") from None
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise GradeError(f"There is no dask scheduler at {address}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
        except TimeoutError:
            raise GradeError(f"The dask scheduler at {address} has no worker: start some.") from None
        # a worker that cannot load a task would end without a word
        for worker, answer in client.run(_is_here, on_error="return").items():
            if answer is not True:
                raise GradeError(
                    f"The worker at {worker} cannot grade ({answer}). Start workers in the project's folder, "
                    "with the environment of the course active."
                )
        executor = client.get_executor(pure=False)
        try:
            yield _ClusterPool(executor, client)
        finally:
            executor.shutdown(wait=False)
