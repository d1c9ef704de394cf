"""The command line that starts the zygote: what it shows of this machine, and what it does not."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import outer
from tests.conftest import ROOT


@pytest.fixture
def fresh() -> Iterator[None]:
    """Forget what was found out about this machine, before and after."""
    caches = (outer.visible_paths, outer.why_no_bubblewrap)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def command(walled: bool = True) -> list[str]:
    return outer.zygote_command(7, walled, "/a/folder")[0]


def bound(line: list[str]) -> dict[str, str]:
    """What is bound, by the place where it is seen."""
    binds = [place for place, word in enumerate(line) if "bind" in word]
    assert {line[place] for place in binds} == {"--ro-bind"}
    return {line[place + 2]: line[place + 1] for place in binds}


def test_the_wall_has_no_network_no_powers_and_nothing_writable_but_scratch() -> None:
    line = command()
    for word in ("--unshare-all", "--die-with-parent", "--new-session"):
        assert word in line
    assert line[line.index("--cap-drop") + 1] == "ALL"
    assert "--share-net" not in line
    writable = [line[i + 1] for i, word in enumerate(line) if word in ("--tmpfs", "--dev")]
    closed = [line[i + 1] for i, word in enumerate(line) if word == "--remount-ro"]
    assert [path for path in writable if path not in closed] == [outer.SCRATCH]
    assert "/" in closed


def test_neither_home_nor_repository_nor_data_is_bound() -> None:
    places = bound(command())
    assert places.pop("/grader/grader") == str(ROOT / "grader")
    assert all(place == source for place, source in places.items())
    hidden = [
        Path.home(),
        ROOT,
        ROOT / "assignments",
        ROOT / "solutions",
        ROOT / "tests",
        Path("/etc/passwd"),
        Path("/proc"),
        Path("/sys"),
        Path("/home"),
    ]
    for path in hidden:
        assert not any(path.is_relative_to(place) for place in places), path


def test_the_data_sets_are_hidden_under_an_empty_folder() -> None:
    line = command()
    inside = "/grader/grader/training/data"
    assert line.index(inside) > line.index("/grader/grader")
    assert line[line.index(inside) - 1] == "--tmpfs"


def test_a_grader_among_the_packages_has_its_data_sets_hidden_there_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = f"{sysconfig.get_path('purelib')}/grader/training/data"
    monkeypatch.setattr(outer, "DATA", Path(data))
    line = command()
    assert line[line.index(data) - 1] == "--tmpfs"
    assert line[line.index(data) + 1 :][:2] == ["--remount-ro", data]


def test_the_zygote_runs_without_the_callers_folder_on_its_path() -> None:
    run = [sys.executable, "-P", "-m", "grader.sandbox.zygote", "7"]
    assert command(walled=False) == run
    assert command()[-6:] == ["--", *run]


@pytest.mark.parametrize(
    ("walled", "home", "package"),
    [(True, "/scratch", "/grader"), (False, "/a/folder", str(ROOT))],
    ids=["walled", "plain"],
)
def test_the_environment_is_written_not_inherited(
    walled: bool, home: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    _, environment = outer.zygote_command(7, walled, "/a/folder")
    assert {environment[name] for name in ("HOME", "TMPDIR", "KERAS_HOME")} == {home}
    assert environment["PYTHONPATH"] == package
    assert environment["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment["PYTHONHASHSEED"] == "0"
    assert "TOKEN" not in environment


def test_no_path_is_seen_twice() -> None:
    paths = outer.visible_paths()
    assert not any(
        one != other and Path(one).is_relative_to(other) for one in paths for other in paths
    )
    assert all(Path(path).exists() and not Path(path).is_symlink() for path in paths)


def test_what_python_imports_is_seen() -> None:
    places = outer.visible_paths()
    for module in ("json", "numpy", "keras", "tensorflow"):
        file = subprocess.run(
            [
                sys.executable,
                "-c",
                f"import importlib.util as u; print(u.find_spec({module!r}).origin)",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        assert any(Path(file).is_relative_to(place) for place in places), file


# --- other installations than this one --------------------------------------------------------


def ask_outer(python: str, expression: str, **environment: str) -> Any:
    """What ``outer`` says when another interpreter runs it."""
    script = f"import json; from grader.sandbox import outer; print(json.dumps({expression}))"
    ran = subprocess.run(
        [python, "-c", script],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": "/nobody", **environment},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture
def environment_in(tmp_path: Path) -> Path:
    """A virtual environment made in the folder of a project, with solutions beside it."""
    base = f"{sys.base_prefix}/bin/python3"
    subprocess.run([base, "-m", "venv", "--without-pip", str(tmp_path)], check=True)
    (tmp_path / "solutions").mkdir()
    return tmp_path


def test_of_an_environment_in_a_project_only_the_interpreters_parts_are_seen(
    environment_in: Path,
) -> None:
    seen = ask_outer(f"{environment_in}/bin/python", "outer.visible_paths()")
    below = {path for path in seen if path.startswith(str(environment_in))}
    assert below == {f"{environment_in}/{part}" for part in ("bin", "lib", "pyvenv.cfg")}


def test_an_environment_whose_folder_is_a_link_starts_behind_the_wall(
    environment_in: Path,
) -> None:
    link = environment_in.parent / "link"
    link.symlink_to(environment_in)
    assert ask_outer(f"{link}/bin/python", "outer.why_no_bubblewrap()") is None


def test_the_systems_own_python_starts_behind_the_wall() -> None:
    """Its path is a link beside many programs that must not be seen."""
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.fail("there is no Python in /usr/bin: install python3")
    seen = ask_outer(python, "[outer.why_no_bubblewrap(), outer.visible_paths()]")
    assert seen[0] is None
    assert not {"/", "/usr", "/usr/bin", "/bin"} & set(seen[1])


def test_an_environment_of_the_systems_own_python_starts_behind_the_wall(tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "python3").symlink_to("/usr/bin/python3")
    (bin_folder / "python").symlink_to("python3")
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (tmp_path / "lib").mkdir()
    seen = ask_outer(f"{bin_folder}/python", "[outer.why_no_bubblewrap(), outer._links()]")
    assert seen[0] is None
    assert ["/usr/bin/python3", os.readlink("/usr/bin/python3")] in seen[1]


def test_packages_that_were_installed_for_one_user_are_seen(tmp_path: Path) -> None:
    python = f"{sys.base_prefix}/bin/python3"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = tmp_path / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    expression = "[outer.visible_paths(), outer.zygote_command(7, True, '')[1]['PYTHONUSERBASE']]"
    seen, base = ask_outer(python, expression, PYTHONUSERBASE=str(tmp_path))
    assert str(packages) in seen
    assert base == str(tmp_path)


def test_without_such_packages_nothing_of_the_user_is_named() -> None:
    assert not site.ENABLE_USER_SITE
    assert "PYTHONUSERBASE" not in outer.zygote_command(7, True, "")[1]


# --- is there bubblewrap? ---------------------------------------------------------------------


@pytest.mark.usefixtures("fresh")
def test_bubblewrap_that_works_needs_no_reason() -> None:
    assert outer.why_no_bubblewrap() is None


@pytest.mark.usefixtures("fresh")
def test_bubblewrap_that_is_missing_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert outer.why_no_bubblewrap() == "bubblewrap is not installed"


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n",
            "bubblewrap is refused here (bwrap: No permissions to create new namespace)",
        ),
        ("#!/bin/sh\nyes refused | head -c 5000 >&2\nexit 1\n", None),
        (
            "#!/no/such/shell\n",
            "bubblewrap does not start ([Errno 2] No such file or directory: {path!r})",
        ),
    ],
    ids=["refused", "long", "broken"],
)
def test_bubblewrap_that_does_not_work_is_told_in_its_own_words(
    script: str, reason: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = tmp_path / "bwrap"
    stand_in.write_text(script)
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    expected = reason or f"bubblewrap is refused here ({('refused ' * 25)[:200]})"
    assert outer.why_no_bubblewrap() == expected.format(path=str(stand_in))
