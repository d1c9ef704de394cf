"""The outer wall: how the zygote is started, with bubblewrap around it or without.

Inside bubblewrap there is the interpreter, its packages and the grader's own code, all
read-only, an empty ``/tmp``, and nothing else: no network, no home, no repository, no other
submission, no solution, no data set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

GRADER = Path(__file__).resolve().parent.parent
INSIDE = "/grader"
"""Where the grader's package stands inside, as ``/grader/grader``."""

SCRATCH = "/scratch"
"""The only folder inside that a job can write to; its own, and gone when it ends."""

NOBODY = "1000"
"""User and group inside: nobody in particular."""

ZYGOTE = ("-P", "-m", "grader.sandbox.zygote")
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "KERAS_BACKEND": "tensorflow",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
}
"""The whole environment of the zygote and so of every job."""

HOW_TO_INSTALL = "install bubblewrap (Debian, Ubuntu: sudo apt-get install bubblewrap)"


@cache
def why_no_bubblewrap() -> str | None:
    """Try bubblewrap once; None when it works, else the reason in one clause."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "bubblewrap is not installed"
    trial = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "/bin/true"]
    try:
        tried = subprocess.run(trial, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({error})"
    if tried.returncode:
        return f"bubblewrap is refused here ({' '.join(tried.stderr.split())[:200]})"
    return None


def zygote_command(
    descriptor: int, walled: bool, scratch: Path
) -> tuple[list[str], dict[str, str]]:
    """The command line and environment that start the zygote on a control socket.

    Args:
        descriptor: of the control socket, inherited by the zygote.
        walled: inside bubblewrap.
        scratch: an empty folder, the zygote's home where there is no wall.
    """
    environment = dict(QUIET)
    run = [sys.executable, *ZYGOTE, str(descriptor)]
    if not walled:
        environment |= {
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "KERAS_HOME": str(scratch),
            "PYTHONPATH": str(GRADER.parent),
        }
        return run, environment
    environment |= dict.fromkeys(("HOME", "TMPDIR", "KERAS_HOME"), SCRATCH) | {"PYTHONPATH": INSIDE}
    bwrap = shutil.which("bwrap") or "bwrap"
    wall = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    # Not root inside either: a user without powers may map any user but root further in.
    wall += ["--uid", NOBODY, "--gid", NOBODY]
    wall += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", SCRATCH]
    for path in visible_paths():
        wall += ["--ro-bind", path, path]
    for link, target in _links():
        wall += ["--symlink", target, link]
    wall += ["--ro-bind", str(GRADER), f"{INSIDE}/grader"]
    wall += ["--tmpfs", f"{INSIDE}/grader/training/data"]
    wall += ["--remount-ro", "/", "--chdir", "/"]
    return [*wall, "--", *run], environment


@cache
def visible_paths() -> tuple[str, ...]:
    """What of this machine is seen inside: interpreter, packages, shared libraries."""
    wanted = {sys.prefix, sys.exec_prefix, *sysconfig.get_paths(expand=True).values()}
    wanted -= {sysconfig.get_path("scripts"), sysconfig.get_path("data")}
    wanted |= {sys.prefix, os.path.realpath(sys.executable)}
    if not sys.base_prefix.startswith("/usr") or sys.base_prefix.startswith("/usr/local"):
        wanted.add(sys.base_prefix)
    wanted -= {"/", "/usr"}
    wanted |= {"/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache"}
    real = sorted({path for path in wanted if os.path.exists(path) and not os.path.islink(path)})
    kept: list[str] = []
    for path in real:
        if not any(path == above or path.startswith(above + "/") for above in kept):
            kept.append(path)
    return tuple(kept)


def _links() -> list[tuple[str, str]]:
    """``/lib`` and ``/lib64`` where they lead into ``/usr``, and ``/tmp`` to the scratch folder.

    A machine whose Python lives below ``/tmp`` gets no such link.
    """
    links = [(link, os.readlink(link)) for link in ("/lib", "/lib64") if os.path.islink(link)]
    if not any(path.startswith("/tmp/") for path in visible_paths()):
        links.append(("/tmp", SCRATCH))
    return links
