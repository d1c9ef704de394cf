"""An assignment with all that stands beside it, carried elsewhere as bytes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.assignment.bundle import Bundle, pack_bundle, unpack_bundle
from grader.assignment.load import find_assignments, load_assignment
from grader.choose import FOLDER
from grader.errors import UsageError

HEAD = """\
format: 1
id: small
title: Small
exercises:
  - id: cnn
    build: build_cnn
    input_shape: [8, 8, 1]
    checks:
"""
HIDDEN = """\
format: 1
id: small
exercises:
  - id: cnn
    checks: [{type: output_shape, id: vault, expect: [10], points: 5}]
"""
OWN = "def check(evidence, settings): return True\n"


def course(folder: Path, *checks: str, **files: str) -> Path:
    """An assignment with checks, and files by their path, ``__`` for a slash."""
    path = folder / "assignments" / "small.yaml"
    named = {name.replace("__", "/"): text for name, text in files.items()}
    lines = "".join(f"      - {check}\n" for check in checks)
    for place, text in {"assignments/small.yaml": HEAD + lines, **named}.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text)
    return path


SHAPE = "{type: output_shape, expect: [10], points: 10}"


def data(file: str) -> str:
    return f"{{type: training, file: '{file}', min_accuracy: 0.9, points: 10}}"


@pytest.mark.parametrize("path", find_assignments(FOLDER), ids=lambda path: path.stem)
def test_each_assignment_is_the_same_elsewhere(path: Path, tmp_path: Path) -> None:
    here = load_assignment(path)
    bundle = pack_bundle(here)
    there = unpack_bundle(bundle, tmp_path)
    assert there.content == here.content
    assert there.sha256 == here.sha256
    assert there.solution.exists() == here.solution.exists()
    assert there.hidden.exists() == here.hidden.exists()
    assert there.values.exists() == here.values.exists()
    assert pack_bundle(there) == bundle


def test_only_what_the_assignment_needs_is_carried(tmp_path: Path) -> None:
    own = "{type: custom, file: own.py, points: 10}"
    files = {
        "assignments__own.py": OWN,
        "assignments__other.py": OWN,
        "assignments__small.values.json": "{}",
        "solutions__small.ipynb": "{}",
        "solutions__small.hidden.yaml": HIDDEN,
        "solutions__other.ipynb": "{}",
        "students.csv": "name",
    }
    bundle = pack_bundle(load_assignment(course(tmp_path, SHAPE, own, **files)))
    assert bundle.name == "assignments/small.yaml"
    assert sorted(bundle.files) == [
        *("assignments/own.py", "assignments/small.values.json", "assignments/small.yaml"),
        *("solutions/small.hidden.yaml", "solutions/small.ipynb"),
    ]


def test_an_assignment_needs_nothing_beside_it(tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    shutil.move(course(tmp_path, SHAPE), alone)
    bundle = pack_bundle(load_assignment(alone))
    assert list(bundle.files) == ["assignments/alone.yaml"]
    (tmp_path / "there").mkdir()
    assert unpack_bundle(bundle, tmp_path / "there").content.id == "small"


@pytest.mark.parametrize("file", ["x.npz", "data/deep/x.npz", "../data/x.npz", "./x.npz"])
def test_a_data_file_stands_where_it_stood(file: str, tmp_path: Path) -> None:
    path = course(tmp_path / "here", data(file))
    stands = path.parent / file
    stands.parent.mkdir(parents=True, exist_ok=True)
    stands.write_bytes(b"arrays")
    there = tmp_path / "there"
    there.mkdir()
    unpacked = unpack_bundle(pack_bundle(load_assignment(path)), there)
    assert (unpacked.path.parent / file).read_bytes() == b"arrays"


@pytest.mark.parametrize("absolute", [True, False])
def test_a_file_too_far_from_the_assignment_cannot_be_carried(
    absolute: bool, tmp_path: Path
) -> None:
    far = tmp_path / "far.npz"
    far.write_bytes(b"arrays")
    name = str(far) if absolute else "../../far.npz"
    loaded = load_assignment(course(tmp_path / "course", data(name)))
    with pytest.raises(UsageError) as caught:
        pack_bundle(loaded)
    assert str(caught.value) == (
        f'The file "{name}" is outside of the assignment\'s folder. Put it beside the assignment, '
        "to grade a class."
    )


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    loaded = load_assignment(course(tmp_path, SHAPE))
    loaded.path.unlink()
    with pytest.raises(UsageError) as caught:
        pack_bundle(loaded)
    assert str(caught.value) == f"{loaded.path} cannot be read: No such file or directory."


def test_the_digest_is_of_everything_that_a_grade_depends_on(tmp_path: Path) -> None:
    own = "{type: custom, file: own.py, points: 10}"
    files = {"assignments__own.py": OWN, "solutions__small.hidden.yaml": HIDDEN}
    path = course(tmp_path, SHAPE, own, **files)
    digests = [pack_bundle(load_assignment(path)).sha256]
    for place, text in (
        ("assignments/own.py", OWN + "# stricter\n"),
        ("solutions/small.hidden.yaml", HIDDEN.replace("points: 5", "points: 6")),
        ("solutions/small.ipynb", "{}"),
        ("assignments/small.values.json", "{}"),
    ):
        (tmp_path / place).write_text(text)
        digests.append(pack_bundle(load_assignment(path)).sha256)
    assert len(set(digests)) == 5
    (tmp_path / "assignments" / "other.yaml").write_text("format: 2")
    assert pack_bundle(load_assignment(path)).sha256 == digests[-1]


def test_no_two_bundles_have_one_digest() -> None:
    """Names and contents are told apart, in whatever order they come."""
    one = Bundle("a", {"a": b"x", "b": b"yz"})
    assert one.sha256 == Bundle("a", {"b": b"yz", "a": b"x"}).sha256
    others = [{"a": b"xb", "b": b"yz"}, {"a": b"x", "by": b"z"}, {"a": b"x"}, {"ab": b"xyz"}]
    assert len({one.sha256, *(Bundle("a", files).sha256 for files in others)}) == 5
