"""The outer wall: how the zygote is started, with bubblewrap around it or without.

Inside bubblewrap there is the interpreter, its packages and the grader's own code, all
read-only, an empty ``/tmp``, and nothing else: no network, no home, no repository, no other
submission, no solution, no data set.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

GRADER = Path(__file__).resolve().parent.parent
INSIDE = "/grader"
"""Where the grader's package stands inside, as ``/grader/grader``."""

SCRATCH = "/scratch"
"""The only folder inside that a job can write to; its own, and gone when it ends."""

SCRATCH_BYTES = 256 * 2**20

OWN_FOLDER = ("HOME", "TMPDIR", "KERAS_HOME")
"""What of the environment names the folder that a job may write to."""

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
HOW_TO_ALLOW = (
    "have an administrator allow user namespaces (sysctl user.max_user_namespaces, "
    "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a "
    "container, its seccomp profile)"
)

DATA = GRADER / "training" / "data"
"""The data sets that come with the grader; never seen inside."""

INTERPRETER_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")
"""Of an installation or virtual environment, which may stand in the middle of a repository."""
SYSTEM_PARTS = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")


def how_to_help() -> str:
    """What to do where bubblewrap does not work."""
    return HOW_TO_INSTALL if shutil.which("bwrap") is None else HOW_TO_ALLOW


@cache
def why_no_bubblewrap() -> str | None:
    """Try bubblewrap once; None when it works, else the reason in one clause."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    trial = [*_wall(), "--", _python(), "-I", "-S", "-c", ""]
    try:
        tried = subprocess.run(trial, env=QUIET, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({error})"
    if tried.returncode:
        return f"bubblewrap is refused here ({' '.join(tried.stderr.split())[:200]})"
    return None


def zygote_command(descriptor: int, walled: bool, folder: str) -> tuple[list[str], dict[str, str]]:
    """The command line and environment that start the zygote on a control socket.

    Args:
        descriptor: of the control socket, inherited by the zygote.
        walled: inside bubblewrap.
        folder: an empty folder, the zygote's home where there is no wall.
    """
    run = [_python(), *ZYGOTE, str(descriptor)]
    home, package = (SCRATCH, INSIDE) if walled else (folder, str(GRADER.parent))
    environment = QUIET | dict.fromkeys(OWN_FOLDER, home) | {"PYTHONPATH": package}
    if site.ENABLE_USER_SITE:
        # Packages that were installed for one user are looked for below the home folder.
        environment["PYTHONUSERBASE"] = site.getuserbase()
    return ([*_wall(), "--", *run] if walled else run), environment


def _wall() -> list[str]:
    """bubblewrap's own command line, up to the command that it runs."""
    # Not root inside either: a user without powers may map any user but root further in.
    wall = [shutil.which("bwrap") or "bwrap", "--unshare-all", "--uid", NOBODY, "--gid", NOBODY]
    wall += ["--cap-drop", "ALL", "--die-with-parent", "--new-session"]
    wall += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    wall += [*_size(), "--tmpfs", SCRATCH]
    for path in visible_paths():
        wall += ["--ro-bind", path, path]
    for link, target in _links():
        wall += ["--symlink", target, link]
    wall += ["--ro-bind", str(GRADER), f"{INSIDE}/grader"]
    for data in (f"{INSIDE}/grader/training/data", str(DATA)):
        if data.startswith(INSIDE) or _is_seen(data):
            wall += ["--tmpfs", data, "--remount-ro", data]
    return [*wall, "--remount-ro", "/", "--chdir", "/"]


@cache
def _size() -> tuple[str, ...]:
    """A bound for the scratch folder, where this bubblewrap (0.8, or what a vendor made) has it."""
    told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    return ("--size", str(SCRATCH_BYTES)) if "--size" in told.stdout + told.stderr else ()


@cache
def visible_paths() -> tuple[str, ...]:
    """What of this machine is seen inside: interpreter, packages, shared libraries."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix} - {"/", "/usr"}
    wanted = {f"{prefix}/{part}" for prefix in prefixes for part in INTERPRETER_PARTS}
    wanted |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    wanted |= {*site.getsitepackages(), *SYSTEM_PARTS}
    if site.ENABLE_USER_SITE:
        wanted.add(site.getusersitepackages())
    wanted |= {os.path.realpath(_python()), _hops(_python())[-1]}
    kept: list[str] = []
    for path in sorted(wanted):
        if os.path.exists(path) and not os.path.islink(path) and not _is_below(path, kept):
            kept.append(path)
    return tuple(kept)


def _links() -> list[tuple[str, str]]:
    """Links that are made anew inside, as (link, target).

    Those on the way to the interpreter, those into ``/usr``, and ``/tmp``, which leads to the
    scratch folder unless Python itself lives below it.
    """
    links = [*_hops(_python())[:-1], "/lib", "/lib64"]
    made = [(link, os.readlink(link)) for link in links if os.path.islink(link)]
    made = [(link, target) for link, target in made if not _is_seen(link)]
    if not any(_is_below(path, ["/tmp"]) for path in visible_paths()):
        made.append(("/tmp", SCRATCH))
    return made


def _python() -> str:
    """The interpreter, without the ``..`` of a shell's path to it."""
    return os.path.abspath(sys.executable)


def _hops(path: str) -> list[str]:
    """A path and what it leads to, link by link, down to a file."""
    hops = [path]
    while os.path.islink(hops[-1]):
        target = os.path.join(os.path.dirname(hops[-1]), os.readlink(hops[-1]))
        hops.append(os.path.normpath(target))
    return hops


def _is_seen(path: str) -> bool:
    return _is_below(path, visible_paths())


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
