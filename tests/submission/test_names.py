"""How the names of statements add up."""

from __future__ import annotations

from grader.submission.names import Names


def test_what_runs_next_may_read_what_was_bound_before() -> None:
    names = Names(binds={"a"}, uses={"b"}).then(Names(binds={"c"}, uses={"a", "d"}))
    assert names.uses == {"b", "d"}
    assert names.binds == {"a", "c"}


def test_a_binding_that_may_not_have_run_leaves_the_use() -> None:
    names = Names(binds={"a"}).unsure().then(Names(uses={"a"}))
    assert names.uses == {"a"}
    assert (names.binds, names.may_bind) == (set(), {"a"})


def test_everything_else_adds_up() -> None:
    one = Names(changes={"a"}, deferred={"b"}, deletes={"c"}, globals={"d"}, methods={"e"})
    names = one.then(Names(augments={"f"}, imports={"g"}, changes={"h"}, star_import=True))
    assert names == Names(
        changes={"a", "h"},
        deferred={"b"},
        deletes={"c"},
        globals={"d"},
        methods={"e"},
        augments={"f"},
        imports={"g"},
        star_import=True,
    )


def test_training_is_known_by_its_methods() -> None:
    assert Names(methods={"add", "fit"}).trains
    assert not Names(methods={"add", "summary"}).trains
