"""Escaping: reading, writing, reaching what is outside, and leaving the walls altogether.

Each program sets ``got`` if it has what it is after, and then hands in the right answers: an
escape that succeeds shows as points, one that is heard or seen outside shows there too.
"""

from __future__ import annotations

import textwrap

import pytest

from tests.attacks.attack import Attack, World
from tests.attacks.without_walls import NOT_STOPPED_WITHOUT_WALLS

FRAME = """\
import ctypes, errno, fcntl, glob, mmap, os, platform, pwd, resource, signal, socket, stat, struct
import subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"

def attack():
    got = False
    try:
{code}
    except Exception as error:
        print(type(error).__name__, error)
    return got

answers = {{"weights": 36, "biases": 4}} if attack() else dict(poor)
"""
SECRETS = "@COURSE@/solutions/walls.hidden.yaml"


def tries(code: str, harmless: bool) -> Attack:
    """``harmless``: whether it may run without walls, and does the same for every user."""
    source = FRAME.format(code=textwrap.indent(textwrap.dedent(code).strip(), " " * 8))
    return Attack("counts", source, harmless=harmless)


READING = {
    "the accounts of this machine": "got = bool(open('/etc/passwd').read())",
    "a file of the home": "got = bool(open('@HOME@/sentinel.txt').read())",
    "whatever the home holds": "got = bool(os.listdir(pwd.getpwuid(os.getuid()).pw_dir))",
    "the hidden checks": f"print(open({SECRETS!r}).read())",
    "the solution": "print(open('@COURSE@/solutions/walls.ipynb').read())",
    "another's submission": "print(open('@COURSE@/submitted/neighbour.ipynb').read())",
    "the folder of all submissions": "got = bool(os.listdir('@COURSE@/submitted'))",
    "the hidden checks, by the C library": f"""
        file = libc.open({SECRETS!r}.encode(), 0)
        print(os.read(file, 10000))
        """,
    "the hidden checks, by TensorFlow": f"""
        import tensorflow as tf
        print(tf.io.read_file({SECRETS!r}).numpy())
        """,
    "the hidden checks, by NumPy": f"""
        import numpy as np
        print(np.fromfile({SECRETS!r}, np.uint8).tobytes())
        """,
    "the hidden checks, by a program": f"""
        print(subprocess.run(["cat", {SECRETS!r}], capture_output=True).stdout)
        """,
    "the hidden checks, by a symbolic link": f"""
        os.symlink({SECRETS!r}, "link")
        print(open("link").read())
        """,
    "the hidden checks, by a hard link": f"""
        os.link({SECRETS!r}, "link")
        print(open("link").read())
        """,
    "the hidden checks, from above the root": f"print(open('../' * 60 + {SECRETS!r}).read())",
    "the hidden checks, by the kernel's links": f"""
        for pid in ("self", "1", "thread-self"):
            path = f"/proc/{{pid}}/root" + {SECRETS!r}
            if os.path.exists(path):
                print(open(path).read())
        """,
    "the labels of the grader's own images": """
        import grader
        got = bool(glob.glob(os.path.dirname(grader.__file__) + "/training/data/*.npz"))
        """,
    "the environment of whoever grades": """
        for path in glob.glob("/proc/[0-9]*/environ"):
            if int(path.split("/")[2]) != os.getpid():
                try:
                    got |= bool(open(path, "rb").read())
                except OSError:
                    pass
        """,
    "which processes there are": "got = any(name.isdigit() for name in os.listdir('/proc'))",
}
HELD_BACK = {
    "its own environment, for what was not meant for it": """
        told = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
        names, n = set(os.environ), 0
        while told[n]:
            names.add(told[n].partition(b"=")[0].decode())
            n += 1
        got = bool(names & {"USER", "SHELL", "PYTEST_CURRENT_TEST", "SSH_AUTH_SOCK", "LS_COLORS"})
        """,
    "descriptors that were left open": """
        for number in range(3, 256):
            try:
                mode = os.fstat(number).st_mode
            except OSError:
                continue
            got |= stat.S_ISSOCK(mode) or stat.S_ISDIR(mode)
        """,
    "sockets to the warm process": """
        import gc
        gc.unfreeze()
        for thing in gc.get_objects():
            if type(thing) is socket.socket and thing.fileno() >= 0:
                thing.getpeername()
                got = True
        """,
    "a file by its handle": """
        root = os.open("/", os.O_RDONLY)
        handle = struct.pack("=IiQ", 8, 1, 2)
        got = libc.open_by_handle_at(root, handle, os.O_RDONLY) >= 0
        """,
    "another process, followed": "got = libc.ptrace(16, max(2, os.getppid()), 0, 0) == 0",
    "another process's memory, copied": """
        space = ctypes.create_string_buffer(64)
        here = (ctypes.c_void_p * 2)(ctypes.addressof(space), 64)
        for pid in {os.getpid(), max(2, os.getppid())}:
            got |= libc.process_vm_readv(pid, here, 1, here, 1, 0) >= 0
        """,
    "another process's descriptors": """
        process = os.pidfd_open(os.getppid() or os.getpid())
        got = libc.syscall(438, process, 0, 0) >= 0
        """,
    "files, by io_uring": """
        space = ctypes.create_string_buffer(256)
        got = libc.syscall(425, 8, space) >= 0
        """,
    "the kernel's memory, by a program of its own": """
        space = ctypes.create_string_buffer(256)
        got = libc.syscall(321 if x86 else 280, 0, space, 72) >= 0
        got |= libc.syscall(298 if x86 else 241, space, 0, -1, -1, 0) >= 0
        """,
    "page faults, to win races in the kernel": "got = libc.syscall(323 if x86 else 282, 0) >= 0",
    "a key ring that outlives it": """
        got = libc.syscall(248 if x86 else 217, b"user", b"@MARK@", b"left", 4, -4) >= 0
        """,
    "a file without a name, to run": "got = os.memfd_create('@MARK@') >= 0",
    "shared memory that outlives it": """
        got = libc.shmget(0x636E6E, 4096, 0o1666) >= 0
        got |= libc.msgget(0x636E6E, 0o1666) >= 0 or libc.semget(0x636E6E, 1, 0o1666) >= 0
        """,
    "calls of 32-bit programs": """
        code = bytes.fromhex("b814000000cd80c3")  # getpid, as number 20 of the old table
        page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
        page.write(code)
        run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        got = x86 and run() == os.getpid()
        """,
    "sockets of families that know no walls": """
        for family in (9, 17, 29, 31, 38, 40, 44):  # X.25, packets, CAN, Bluetooth, crypto, VM, XDP
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
                try:
                    socket.socket(family, kind)
                    got = True
                except OSError:
                    pass
        """,
    "keys typed into the terminal": """
        for number in (0, 1, 2):
            got |= libc.ioctl(number, 0x5412, b"x") == 0
        got |= os.open("/dev/tty", os.O_RDWR) >= 0
        """,
}
NETWORK = {
    "a connection": "got = bool(socket.create_connection(('127.0.0.1', @PORT@), 1))",
    "a datagram": "got = socket.socket(type=2).sendto(b'secret', ('127.0.0.1', @PORT@)) > 0",
    "a socket without a file": r"""
        other = socket.socket(socket.AF_UNIX)
        other.connect("\0@SOCKET@")
        got = True
        """,
    "a page": """
        import urllib.request
        urllib.request.urlopen("http://127.0.0.1:@PORT@/", timeout=0.2)
        """,
    "a connection of the shell's": """
        subprocess.run(["bash", "-c", "echo found > /dev/tcp/127.0.0.1/@PORT@"], timeout=2)
        """,
}
NETWORK_OUTSIDE = {
    "a name": "got = bool(socket.getaddrinfo('example.org', 80))",
    "the cloud's own address": "got = bool(socket.create_connection(('169.254.169.254', 80), 1))",
    "everybody at once": """
        caller = socket.socket(type=2)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        got = caller.sendto(b"found", ("255.255.255.255", 9)) > 0
        """,
    "raw packets": "got = bool(socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))",
    "an interface, switched on": """
        ask = socket.socket(type=2)
        flags = struct.pack("16sh14x", b"lo", 1 | 64)
        fcntl.ioctl(ask, 0x8914, flags)
        got = True
        """,
    "the doors of other services": """
        for place in ("/var/run/docker.sock", "/run/*", "/run/user/*/*", "/tmp/.X11-unix/*"):
            got |= any(stat.S_ISSOCK(os.stat(path).st_mode) for path in glob.glob(place))
        """,
}
WRITING = {
    "files wherever it can": """
        for place in ("/", "/tmp", "/var/tmp", "/dev/shm", "@HOME@", "@COURSE@"):
            try:
                file = os.open(f"{place}/@MARK@.txt", os.O_CREAT | os.O_WRONLY)
                os.write(file, b"left")
            except OSError:
                pass
        """,
    "a file, by TensorFlow": """
        import tensorflow as tf
        tf.io.write_file("@HOME@/@MARK@-tensor.txt", "left")
        """,
    "a file, by a program": """
        subprocess.run(["cp", "/dev/null", "@HOME@/@MARK@-copy.txt"])
        """,
}
WRITING_OVER = {
    "what is there": """
        for path in ("@HOME@/sentinel.txt", "@COURSE@/assignments/walls.yaml"):
            for change in (os.truncate, os.chmod):
                try:
                    change(path, 0)
                    got = True
                except OSError:
                    pass
            try:
                os.rename(path, path + "@MARK@")
                got = True
            except OSError:
                pass
        """,
    "what the next submission imports": """
        import keras, grader.sandbox.student as student
        for path in (os.__file__, keras.__file__, student.__file__, sys.executable):
            folder = os.path.dirname(path)
            got |= os.access(path, os.W_OK) or os.access(folder, os.W_OK)
            for change in (
                lambda: os.utime(path),
                lambda: os.open(f"{folder}/@MARK@.pth", os.O_CREAT | os.O_WRONLY),
            ):
                try:
                    change()
                    got = True
                except OSError:
                    pass
        """,
    "the kernel's settings": """
        for path in (
            "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper",
            "/sys/fs/cgroup/memory/release_agent", "/proc/sys/fs/binfmt_misc/register",
            "/proc/self/oom_score_adj", "/proc/self/uid_map",
        ):
            try:
                got |= os.open(path, os.O_WRONLY) >= 0
            except OSError:
                pass
        """,
    "a disk, or the memory": """
        for path in glob.glob("/dev/*"):
            if os.path.basename(path) in ("null", "zero", "full", "random", "urandom", "ptmx"):
                continue
            mode = os.stat(path).st_mode if os.path.exists(path) else 0
            if stat.S_ISBLK(mode) or stat.S_ISCHR(mode):
                try:
                    got |= os.open(path, os.O_RDONLY | os.O_NONBLOCK) >= 0
                except OSError:
                    pass
        """,
    "a disk of its own making": """
        for name, kind, number in (("disk", stat.S_IFBLK, (8, 0)), ("mem", stat.S_IFCHR, (1, 1))):
            try:
                os.mknod(name, kind | 0o600, os.makedev(*number))
                got = True
            except OSError:
                pass
        """,
}
LEAVING = {
    "a mount": """
        for what, kind in ((b"proc", b"proc"), (b"/", None), (b"none", b"cgroup2")):
            got |= libc.mount(what, b"/proc", kind, 4096 if kind is None else 0, None) == 0
        """,
    "a mount, taken away": """
        for place in (b"/proc", b"/dev/shm", b"/"):
            got |= libc.umount2(place, 2) == 0
        """,
    "a mount, made in the new way": """
        for number in (428, 430, 433):
            got |= libc.syscall(number, -100, b"/", 1) >= 0
        """,
    "another root": "got = libc.chroot(b'.') == 0 or libc.pivot_root(b'.', b'.') == 0",
    "namespaces inside namespaces": """
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            got |= libc.unshare(flag) == 0
            child = libc.syscall(56 if x86 else 220, flag | 17, 0, 0, 0, 0)
            if child == 0:
                os._exit(0)
            got |= child > 0
        """,
    "namespaces, by the newest call": """
        got = libc.syscall(435, struct.pack("=Q80x", 0x10000000), 88) >= 0
        """,
    "the namespaces of others": """
        for path in [*glob.glob("/proc/*/ns/*"), "/"]:
            try:
                got |= libc.setns(os.open(path, os.O_RDONLY), 0) == 0
            except OSError:
                pass
        """,
}
POWERS = {
    "root, by asking": """
        for become in (os.setuid, os.seteuid, os.setgid, lambda _: os.setgroups([0])):
            try:
                become(0)
                got = True
            except OSError:
                pass
        """,
    "root, by a program that has it": """
        for command in (["sudo", "-n", "id"], ["su", "-c", "id"], ["pkexec", "id"]):
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=1)
                got |= "uid=0" in done.stdout
            except (OSError, subprocess.TimeoutExpired):
                pass
        """,
    "root, by a program of its own with the right mark": """
        import shutil
        shutil.copy(os.path.realpath(sys.executable), "mine")
        os.chmod("mine", 0o6755)
        code = "import os; print(os.geteuid())"
        done = subprocess.run(["./mine", "-I", "-S", "-c", code], capture_output=True, text=True)
        got = done.stdout.strip() not in (str(os.getuid()), "")
        """,
    "its powers back": """
        head = struct.pack("=Ii", 0x20080522, 0)
        got = libc.capset(head, b"\\xff" * 24) == 0
        got |= libc.prctl(47, 2, 21, 0, 0) == 0
        """,
    "new privileges": "got = libc.prctl(39, 0, 0, 0, 0) != 1",
    "the machine's clock, name, modules and swap": """
        for call in (
            lambda: libc.settimeofday(b"\\0" * 16, None), lambda: libc.sethostname(b"mine", 4),
            lambda: libc.syscall(175 if x86 else 105, None, 0, b""), lambda: libc.swapoff(b"none"),
            lambda: libc.syscall(103 if x86 else 116, 3, ctypes.create_string_buffer(64), 64),
        ):
            ctypes.set_errno(0)
            got |= call() == 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)
        """,
    "higher limits, for itself and others": """
        for pid in (0, 1, *range(2, 64)):
            for name in (resource.RLIMIT_NOFILE, resource.RLIMIT_DATA, resource.RLIMIT_NPROC):
                try:
                    resource.prlimit(pid, name, (1 << 40, 1 << 40))
                    got = True
                except (OSError, ValueError):
                    pass
        """,
    "a place before all others": """
        for attempt in (
            lambda: os.nice(-5), lambda: os.sched_setscheduler(0, 1, os.sched_param(1)),
        ):
            try:
                attempt()
                got = True
            except OSError:
                pass
        os.setpriority(os.PRIO_USER, os.getuid(), 19)
        """,
}
OTHERS = {
    "the processes around it, stopped": """
        for pid in range(2, 5000):
            try:
                os.kill(pid, signal.SIGSTOP)
                got = True
            except OSError:
                pass
        """,
    "every process at once, killed": """
        os.kill(-1, signal.SIGKILL)
        got = True
        """,
    "the memory of others, by file": """
        for path in glob.glob("/proc/[0-9]*/mem"):
            try:
                got |= os.open(path, os.O_RDWR) >= 0
            except OSError:
                pass
        """,
}
LOCKING = """
import keras
import grader.sandbox.student as student
for path in (os.__file__, keras.__file__, student.__file__):
    file = os.open(path, os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError:
        pass
"""

HARMLESS = {**READING, **HELD_BACK, **NETWORK, **WRITING, **LEAVING}
ONLY_BEHIND_WALLS = {**NETWORK_OUTSIDE, **WRITING_OVER, **POWERS, **OTHERS}
ATTACKS = {
    **{name: tries(code, True) for name, code in HARMLESS.items()},
    "locks on what others read": tries(LOCKING, True),
    **{name: tries(code, False) for name, code in ONLY_BEHIND_WALLS.items()},
}

LEFT_BEHIND = tries(
    """
    places = ["/tmp", "/scratch", "/dev/shm", os.getcwd()]
    got = any(os.path.exists(f"{place}/@MARK@") for place in places)
    for place in places:
        try:
            os.open(f"{place}/@MARK@", os.O_CREAT)
        except OSError:
            pass
    keeper = socket.socket(socket.AF_UNIX)
    try:
        keeper.bind("\\0@MARK@")
    except OSError:
        got = True
    keeper.listen()
    if os.fork() == 0:
        os.setsid()
        signal.pause()
    """,
    harmless=False,
)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_program_gets_out(name: str, world: World) -> None:
    assert world.gains(ATTACKS[name]) == []


def test_nothing_is_left_for_the_next_submission(world: World) -> None:
    for _ in range(2):
        assert world.gains(LEFT_BEHIND) == []


@pytest.mark.parametrize("name", [name for name in ATTACKS if ATTACKS[name].harmless])
def test_without_walls_those_get_out_that_are_said_to(name: str, open_world: World) -> None:
    gained = open_world.gains(ATTACKS[name]) != []
    assert gained == (name in NOT_STOPPED_WITHOUT_WALLS["escaping"])
