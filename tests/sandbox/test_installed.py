"""Which TensorFlow and Keras are here, without importing them."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.client import Sandbox
from grader.sandbox.installed import versions
from tests.conftest import ROOT


def install(folder: Path, name: str, version: str) -> None:
    """What pip leaves of a package, for those who ask for its version."""
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_they_are_what_the_sandbox_says_of_itself(sandbox: Sandbox) -> None:
    said = sandbox.versions
    assert versions() == {"tensorflow": said.tensorflow, "keras": said.keras}


def test_tensorflow_goes_by_several_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert versions() == {"tensorflow": "unknown", "keras": "unknown"}
    install(tmp_path, "tf-nightly", "2.99.0.dev1")
    install(tmp_path, "keras", "3.20.1")
    importlib.invalidate_caches()
    assert versions() == {"tensorflow": "2.99.0.dev1", "keras": "3.20.1"}
    install(tmp_path, "tensorflow-cpu", "2.30.0")
    importlib.invalidate_caches()
    assert versions() == {"tensorflow": "2.30.0", "keras": "3.20.1"}


def test_neither_is_imported_for_it() -> None:
    code = (
        "import sys\nfrom grader.sandbox.installed import versions\nversions()\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
