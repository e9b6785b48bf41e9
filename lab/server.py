"""JupyterLab in the student view, on the learner's folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lab.common import WINDOWS, read_json, say
from lab.installing import clean_environ, python_of
from lab.start_page import NAME, write_start_page

WORKSPACES = ".jupyterlab"  # what is open in JupyterLab, kept with the work and not with the person


def serve(root, options):
    """Run JupyterLab until it ends, and say where it is.

    Parameters
    ----------
    root : Path
        The project.
    options : list of str
        Passed on to JupyterLab.

    Returns
    -------
    status : int
        Exit status; 0 if it was ended from the keyboard.
    """
    say("Starting JupyterLab ...")
    runtime = Path(tempfile.mkdtemp(prefix="course-"))
    work, page = root / "my-work", landing(root / "my-work")
    command = [python_of(root / ".venv"), "-m", "jupyterlab"]
    command += [f"--ServerApp.root_dir={work}", f"--LabApp.default_url=/{page}"]
    command += [f"--LabApp.workspaces_dir={work / WORKSPACES}"]
    command += [f"--LabApp.extra_labextensions_path={root / 'lab' / 'labextensions'}", *options]
    # A Ctrl-C that reached JupyterLab before it has its own handler would show a traceback.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server = subprocess.Popen(command, cwd=root, env=server_environ(root, runtime))
    finally:
        signal.signal(signal.SIGINT, handler)
    try:
        return wait(server, runtime, page, Watch(root))
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def server_environ(root, runtime):
    """Environment variables of the server, and so of the learner's notebooks."""
    config = [str(root / "lab"), os.environ.get("JUPYTER_CONFIG_PATH")]
    return clean_environ(root / ".venv") | {
        "COURSE_PROGRESS": str(root / "my-work" / "progress.json"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, config)),
        "JUPYTER_RUNTIME_DIR": str(runtime),  # of this server alone, which tells its address there
        "JUPYTER_TOKEN": os.environ.get("JUPYTER_TOKEN") or os.urandom(24).hex(),
    }


def landing(work):
    """Where to land: where the learner left off or, with nothing left open, on the start page."""
    for path in (work / WORKSPACES).glob("*.jupyterlab-workspace"):
        data = read_json(path).get("data")
        # what is open has a name such as `notebook:01_norms.ipynb`
        names = [name.partition(":")[2] for name in (data if isinstance(data, dict) else ())]
        if any(name and (work / name).is_file() for name in names):
            return "lab"
    return f"lab/tree/{NAME}"


class Watch:
    """Looks now and then whether an exercise has been passed, and renews the start page then."""

    def __init__(self, root):
        self.root = root
        self.seen = self.time()

    def time(self):
        """When the learner's progress was last written; None if never."""
        try:
            return (self.root / "my-work" / "progress.json").stat().st_mtime_ns
        except OSError:
            return None

    def look(self):
        """Renew the page if it is due; a disk that is full must not end the course."""
        if (now := self.time()) != self.seen:
            self.seen = now
            with contextlib.suppress(OSError):
                write_start_page(self.root)


def wait(server, runtime, page, watch):
    """Exit status of a server, after its address has been shown; Ctrl-C ends it quietly."""
    shown = interrupted = False
    while True:
        try:
            while not shown and server.poll() is None:
                time.sleep(0.05)
                shown = show_address(runtime, page)
            while server.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(0.5)
                watch.look()
            status = server.returncode
            return 0 if interrupted else status
        except KeyboardInterrupt:
            interrupted = True
            if not WINDOWS:  # there it has heard the Ctrl-C itself, and would be killed by this
                server.terminate()


def show_address(runtime, page):
    """Print the address that a server has left in its folder; returns whether there was one."""
    for path in runtime.glob("jpserver-*.json"):
        info = read_json(path)
        if "url" in info:
            token = f"?token={info['token']}" if info.get("token") else ""
            say(f"\nThe lessons are open at\n\n    {info['url']}{page}{token}\n")
            say("Keep this window open; Ctrl-C in it ends JupyterLab.")
            return True
    return False
