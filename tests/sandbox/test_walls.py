"""What a job sees, and what it can reach, told by jobs themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InternalError
from grader.sandbox import outer, walls
from grader.sandbox.client import Sandbox
from grader.sandbox.exchange import run_job
from tests.conftest import ROOT
from tests.sandbox.asking import LIMITS, ask, read

TRY = """
import ctypes, errno, os, resource, signal, socket, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
facts = {}

def attempt(name, action):
    try:
        result = action()
        facts[name] = result if isinstance(result, (int, str, list, dict)) else "done"
    except BaseException as error:
        facts[name] = errno.errorcode.get(getattr(error, "errno", None), repr(error))

def call(function, *arguments):
    ctypes.set_errno(0)
    result = function(*arguments)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else "done"
"""


def attempts(sandbox: Sandbox, **actions: str) -> dict[str, Any]:
    """What each expression gave, or the name of the error that it met."""
    lines = [f"attempt({name!r}, lambda: {action})" for name, action in actions.items()]
    return read(sandbox, TRY + "\n".join(lines))


# --- what is seen -----------------------------------------------------------------------------


def test_a_job_is_nobody_in_particular_and_has_no_powers(sandbox: Sandbox) -> None:
    seen = attempts(
        sandbox,
        user="[os.getuid(), os.geteuid(), os.getgid(), os.getegid()]",
        groups="os.getgroups()",
        bounding="[libc.prctl(23, number, 0, 0, 0) for number in range(41)]",
        no_new_privileges="libc.prctl(39, 0, 0, 0, 0)",
        become_root="os.setuid(0)",
        hostname="socket.sethostname('mine')",
    )
    # A caller's other groups have no number inside.
    assert set(seen.pop("groups")) <= {1000, 65534}
    assert seen == {
        "user": [1000, 1000, 1000, 1000],
        "bounding": [0] * 41,
        "no_new_privileges": 1,
        "become_root": "EINVAL",  # there is no such user
        "hostname": "EPERM",
    }


def test_the_effective_capabilities_are_none(sandbox: Sandbox) -> None:
    source = TRY + (
        "head = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "sets = (ctypes.c_uint32 * 6)(*[1] * 6)\n"
        "facts['done'] = libc.capget(head, sets)\n"
        "facts['sets'] = list(sets)\n"
    )
    assert read(sandbox, source) == {"done": 0, "sets": [0] * 6}


def test_there_is_no_network(sandbox: Sandbox) -> None:
    seen = attempts(
        sandbox,
        interfaces="[name for _, name in socket.if_nameindex()]",
        connect="socket.create_connection(('192.0.2.1', 80), 1)",
        loopback="socket.create_connection(('127.0.0.1', 80), 1)",
        machine="socket.socket(40)",
        packet="socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    )
    assert seen == {
        "interfaces": ["lo"],
        "connect": "ENETUNREACH",
        "loopback": "ENETUNREACH",
        "machine": "EPERM",
        "packet": "EPERM",
    }


def test_the_files_of_this_machine_are_not_there(sandbox: Sandbox) -> None:
    seen = attempts(
        sandbox,
        passwd="open('/etc/passwd').read()",
        etc="sorted(os.listdir('/etc'))",
        assignments=f"os.listdir({str(ROOT / 'assignments')!r})",
        solutions=f"os.listdir({str(ROOT / 'solutions')!r})",
        tests=f"os.listdir({str(ROOT / 'tests')!r})",
        this_test=f"open({__file__!r}).read()",
        data="os.listdir('/grader/grader/training/data')",
        sys="os.listdir('/sys')",
        var="os.listdir('/var')",
    )
    assert seen == {
        "passwd": "ENOENT",
        "etc": ["alternatives", "ld.so.cache"],
        "assignments": "ENOENT",
        "solutions": "ENOENT",
        "tests": "ENOENT",
        "this_test": "ENOENT",
        "data": [],
        "sys": "ENOENT",
        "var": "ENOENT",
    }


def test_no_home_and_no_process_is_seen(sandbox: Sandbox) -> None:
    seen = attempts(
        sandbox,
        proc="sorted(os.listdir('/proc'))",
        of_itself="sorted(os.listdir('/proc/self'))",
        home="os.listdir(os.path.expanduser('~'))",
        number="os.getpid()",
        parent="os.getppid()",
        others="os.kill(-1, 0)",
        next="os.kill(2, 0)",
    )
    assert seen == {
        "proc": ["self"],
        "of_itself": ["cmdline", "exe"],
        "home": [],
        "number": 1,
        "parent": 0,
        "others": "ESRCH",
        "next": "ESRCH",
    }


@pytest.mark.parametrize("mode", ["walled", "plain"])
def test_the_environment_is_the_graders_own(
    mode: str, sandbox: Sandbox, plain: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    chosen = sandbox if mode == "walled" else plain
    names = set(read(chosen, "import os\nfacts = dict(os.environ)"))
    assert {"HOME", "PATH", "LANG", "KERAS_BACKEND"} <= names
    assert not names & {"SECRET_TOKEN", "USER", "SHELL", "SSH_AUTH_SOCK", "XDG_CACHE_HOME"}
    assert not any(name.startswith("PYTEST") for name in names)


OPEN = "{str(n): oct(stat.S_IFMT(os.fstat(n).st_mode)) for n in range(256) if is_open(n)}"
IS_OPEN = """
def is_open(number):
    try:
        os.fstat(number)
        return True
    except OSError:
        return False
"""


def test_only_a_jobs_own_descriptors_are_open(either: Sandbox) -> None:
    """Input, output, errors, the request, the answer: no control socket, no other job's pipe."""
    source = TRY + IS_OPEN + f"facts['open'] = sorted(({OPEN}).values())"
    kinds = {"pipe": "0o10000", "device": "0o20000", "file": "0o100000"}
    assert read(either, source)["open"] == sorted(
        [kinds["device"], kinds["pipe"], kinds["pipe"], kinds["file"], kinds["pipe"]]
    )


# --- what can be reached ----------------------------------------------------------------------

WRITABLE = """
import os, stat
facts = {'folders': [], 'files': [], 'closed': []}
for folder, folders, files in os.walk('/'):
    if folder in BOUND:
        facts['closed'].append(bool(os.statvfs(folder).f_flag & os.ST_RDONLY))
        folders.clear()
    if os.access(folder, os.W_OK):
        facts['folders'].append(folder)
    for name in files:
        path = os.path.join(folder, name)
        if not os.path.islink(path) and os.access(path, os.W_OK):
            if not stat.S_ISCHR(os.stat(path).st_mode):
                facts['files'].append(path)
"""


def test_nothing_can_be_written_but_what_is_a_jobs_own(sandbox: Sandbox) -> None:
    """Every folder and file is tried, those of ``/dev`` and of bubblewrap's own mounts too.

    What is bound from this machine is closed as a whole.
    """
    bound = [path for path in outer.visible_paths() if Path(path).is_dir()]
    facts = read(sandbox, f"BOUND = {bound!r}\n{WRITABLE}")
    assert facts["closed"] == [True] * len(bound)
    assert facts["files"] == []
    assert set(facts["folders"]) <= {"/scratch", "/dev/pts", "/dev/shm"}
    assert (
        attempts(sandbox, terminal="os.open('/dev/pts/left', os.O_WRONLY | os.O_CREAT)")["terminal"]
        != "done"
    )


def test_shared_memory_is_a_jobs_own_and_small(sandbox: Sandbox) -> None:
    source = TRY + (
        "size = os.statvfs('/dev/shm')\n"
        "facts = {'found': os.listdir('/dev/shm'), 'size': size.f_blocks * size.f_frsize >> 20}\n"
        "open('/dev/shm/left', 'w').close()\n"
    )
    for _ in range(2):
        assert read(sandbox, source) == {"found": [], "size": 16}


def test_the_scratch_folder_is_empty_at_each_start(either: Sandbox) -> None:
    source = (
        "import os, tempfile\n"
        "facts = {'found': os.listdir(), 'home': os.environ['HOME'] == os.getcwd(),\n"
        "         'temporary': tempfile.gettempdir() == os.getcwd()}\n"
        "open('left', 'w').close()\nos.mkdir('closed', 0)\n"
    )
    for _ in range(2):
        assert read(either, source) == {"found": [], "home": True, "temporary": True}


def test_without_walls_a_jobs_folder_is_gone_when_it_ends(plain: Sandbox) -> None:
    folder = read(plain, "import os\nfacts = {'folder': os.getcwd()}")["folder"]
    assert Path(folder).parent == Path(plain._zygote.folder)
    assert not Path(folder).exists()


def test_the_scratch_folder_is_limited_in_size(sandbox: Sandbox) -> None:
    source = TRY + (
        "def fill():\n"
        "    for number in range(5):\n"
        "        with open(f'part{number}', 'wb') as file:\n"
        "            for _ in range(64): file.write(bytes(2**20))\n"
        "attempt('fill', fill)\n"
        "facts['size'] = os.statvfs('/scratch').f_blocks * os.statvfs('/scratch').f_frsize\n"
    )
    assert read(sandbox, source) == {"fill": "ENOSPC", "size": outer.SCRATCH_BYTES}


def test_the_number_of_files_is_limited(sandbox: Sandbox) -> None:
    source = TRY + (
        "def make(place):\n"
        "    for number in range(20_000): os.close(os.open(f'{place}/{number}', os.O_CREAT))\n"
        "for place in ('/scratch', '/dev/shm'): attempt(place, lambda: make(place))\n"
    )
    assert read(sandbox, source) == {"/scratch": "ENOSPC", "/dev/shm": "ENOSPC"}


def test_memory_that_belongs_to_no_process_cannot_be_had(sandbox: Sandbox) -> None:
    seen = attempts(
        sandbox,
        shared="__import__('mmap').mmap(-1, 4096)",
        zeros="__import__('mmap').mmap(os.open('/dev/zero', os.O_RDWR), 4096)",
        spliced="call(libc.vmsplice, 1, None, 0, 0)",
        nothing="os.read(os.open('/dev/zero', os.O_RDONLY), 9)",
        random="len(os.urandom(9))",
    )
    assert seen == {
        "shared": "EPERM",
        "zeros": "ENODEV",
        "spliced": "EPERM",
        "nothing": "done",
        "random": 9,
    }


def test_threads_are_limited_for_root_too(sandbox: Sandbox) -> None:
    """The kernel's own limit does not hold for root, whom a job may be outside."""
    source = (
        "import threading\n"
        "lock, facts = threading.Lock(), {}\nlock.acquire()\nthreading.stack_size(1 << 16)\n"
        "try:\n"
        "    while True: threading.Thread(target=lock.acquire, daemon=True).start()\n"
        "except RuntimeError: facts = {'refused': True}\n"
    )
    reply = ask(sandbox, "read", "facts", source)
    assert reply.ending == "processes" or reply.answer["value"] == {"refused": True}


def test_limits_are_set_and_cannot_be_raised(either: Sandbox) -> None:
    source = TRY + (
        "names = ['CORE', 'CPU', 'FSIZE', 'NOFILE', 'DATA']\n"
        "for name in names:\n"
        "    facts[name] = list(resource.getrlimit(getattr(resource, f'RLIMIT_{name}')))\n"
        "attempt('raise', lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (999, 999)))\n"
    )
    facts = read(either, source)
    data = facts.pop("DATA")
    cpu = int(LIMITS.seconds * (os.cpu_count() or 1)) + 2
    raised = facts.pop("raise")
    if either.name != "none":  # where root may have the right to
        assert raised == "ValueError('not allowed to raise maximum limit')"
    assert facts == {
        "CORE": [0, 0],
        "CPU": [cpu, cpu],
        "FSIZE": [outer.SCRATCH_BYTES] * 2,
        "NOFILE": [walls.OPEN_FILES] * 2,
    }
    assert data[0] == data[1]
    assert LIMITS.memory_bytes < data[0] < LIMITS.memory_bytes + (1 << 30)


def test_a_job_is_the_first_to_go_where_memory_runs_out(plain: Sandbox) -> None:
    """Behind walls there is no file that tells it; it is set before they stand."""
    source = "facts = {'score': int(open('/proc/self/oom_score_adj').read())}"
    assert read(plain, source) == {"score": 1000}


def test_in_namespaces_the_number_of_processes_is_limited_and_stays_so(sandbox: Sandbox) -> None:
    seen = attempts(
        sandbox,
        processes="list(resource.getrlimit(resource.RLIMIT_NPROC))",
        more="resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))",
    )
    assert seen == {
        "processes": [walls.MAX_TASKS] * 2,
        "more": "ValueError('not allowed to raise maximum limit')",
    }


def test_a_job_cannot_touch_its_guard(sandbox: Sandbox) -> None:
    source = TRY + (
        "for number in range(1, 2000):\n"
        "    if number != os.getpid():\n"
        "        attempt(str(number), lambda: os.kill(number, signal.SIGKILL))\n"
        "facts = {'met': sorted(set(facts.values()))}\n"
    )
    assert read(sandbox, source) == {"met": ["ESRCH"]}


def test_walls_that_cannot_be_put_up_are_our_fault_and_not_the_students(sandbox: Sandbox) -> None:
    room = walls.Room("/no/such/folder", isolated=True)
    with pytest.raises(InternalError) as caught:
        run_job(sandbox._zygote, "read", {}, LIMITS, room)
    assert str(caught.value).startswith("The sandbox could not run a job: [Errno 2] mount: No such")
