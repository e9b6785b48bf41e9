"""JupyterLab in the student view, on the learner's folder."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lab.common import WINDOWS, read_json, say
from lab.installing import clean_environ, python_of


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
    command = [python_of(root / ".venv"), "-m", "jupyterlab"]
    command += [f"--ServerApp.root_dir={root / 'my-work'}", *options]
    # A Ctrl-C that reached JupyterLab before it has its own handler would show a traceback.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server = subprocess.Popen(command, cwd=root, env=server_environ(root, runtime))
    finally:
        signal.signal(signal.SIGINT, handler)
    try:
        return wait(server, runtime)
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


def wait(server, runtime):
    """Exit status of a server, after its address has been shown; Ctrl-C ends it quietly."""
    shown = interrupted = False
    while True:
        try:
            while not shown and server.poll() is None:
                time.sleep(0.05)
                shown = show_address(runtime)
            status = server.wait()
            return 0 if interrupted else status
        except KeyboardInterrupt:
            interrupted = True
            if not WINDOWS:  # there it has heard the Ctrl-C itself, and would be killed by this
                server.terminate()


def show_address(runtime):
    """Print the address that a server has left in its folder; returns whether there was one."""
    for path in runtime.glob("jpserver-*.json"):
        info = read_json(path)
        if "url" in info:
            token = f"?token={info['token']}" if info.get("token") else ""
            say(f"\nThe lessons are open at\n\n    {info['url']}lab{token}\n")
            say("Keep this window open; Ctrl-C in it ends JupyterLab.")
            return True
    return False
