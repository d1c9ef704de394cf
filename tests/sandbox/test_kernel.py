"""Calls that the kernel refuses are told with its own reason."""

from __future__ import annotations

import errno

import pytest

from grader.sandbox import kernel


def test_a_refused_call_names_itself_and_the_reason() -> None:
    with pytest.raises(kernel.Refused) as caught:
        kernel.unshare(1)
    assert caught.value.errno == errno.EINVAL
    assert str(caught.value) == f"[Errno {errno.EINVAL}] unshare: Invalid argument"


def test_a_mount_on_nothing_is_refused() -> None:
    with pytest.raises(kernel.Refused) as caught:
        kernel.mount(b"none", b"/no/such/folder", b"tmpfs", 0, None)
    assert caught.value.errno in (errno.ENOENT, errno.EPERM)


def test_a_filter_that_is_none_is_refused() -> None:
    with pytest.raises(kernel.Refused):
        kernel.install_filter(-1, b"")


def test_asking_for_huge_pages_where_nothing_is_does_nothing() -> None:
    kernel.gather_pages(0, 0)
