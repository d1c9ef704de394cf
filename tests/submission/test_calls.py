"""What calling a function does to names that are not its own."""

from __future__ import annotations

import ast

import pytest

from grader.submission.calls import (
    NEVER_RUN,
    SETTINGS,
    TRAINING,
    Call,
    Function,
    bound_by,
    changed_by,
    follow_calls,
)
from grader.submission.scopes import names_of


def functions(source: str) -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for statement in ast.parse(source).body:
        for function in names_of(statement).functions:
            found.setdefault(function.name, []).append(function)
    return found


def call(source: str) -> Call:
    (found,) = names_of(ast.parse(source).body[0]).calls
    return found


GROW = "def grow(net, n, *rest, opt=None):\n    net.add(n)\n    opt.lr = 1\n    other.add(1)"


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("grow(a, b)", {"a", "other"}),
        ("grow(n=a, net=b.c)", {"b", "other"}),
        ("grow(1, a, opt=b)", {"b", "other"}),
        ("grow(*a)", {"a", "other"}),
        ("grow(**a)", {"other"}),
        ("unknown(a)", set()),
    ],
)
def test_a_call_changes_what_its_parameters_stand_for(source: str, changed: set[str]) -> None:
    assert changed_by(call(source), functions(GROW)) == changed


def test_every_definition_of_a_function_counts() -> None:
    found = functions("def f(a):\n    a.x = 1\ndef f():\n    global g\n    g = 1")
    assert changed_by(call("f(b)"), found) == {"b"}
    assert bound_by(call("f(b)"), found) == {"g"}


def test_a_function_that_trains_is_not_called_for_what_it_changes() -> None:
    found = functions("def f(m):\n    global g\n    g = 1\n    m.compile()\n    m.fit()")
    assert changed_by(call("f(b)"), found) == set()
    assert bound_by(call("f(b)"), found) == {"g"}


def test_effects_are_followed_through_calls() -> None:
    found = functions(
        "def one(a):\n    two(a, b)\n"
        "def two(x, y):\n    three(y)\n    x.z = 1\n"
        "def three(q):\n    global g\n    g = 1\n    q.r = 1"
    )
    follow_calls(found)
    assert changed_by(call("one(c)"), found) == {"b", "c"}
    assert bound_by(call("one(c)"), found) == {"g"}


def test_a_function_trains_when_one_that_it_calls_does() -> None:
    found = functions("def one(a):\n    a.x = 1\n    two(a)\ndef two(m):\n    m.fit()")
    follow_calls(found)
    assert changed_by(call("one(c)"), found) == set()


def test_functions_that_call_each_other_come_to_an_end() -> None:
    found = functions("def f(a):\n    a.x = 1\n    g(a)\ndef g(a):\n    f(a)\n    g(a)")
    follow_calls(found)
    assert changed_by(call("g(c)"), found) == {"c"}


def test_a_parameter_that_was_given_another_object_protects_the_callers() -> None:
    found = functions(
        "def f(x):\n    x = list(x)\n    x.append(1)\n    grow(x)\n"
        "def g(x):\n    f(x)\n"
        "def grow(x):\n    x.append(1)"
    )
    follow_calls(found)
    assert changed_by(call("f(c)"), found) == set()
    assert changed_by(call("g(c)"), found) == set()
    assert changed_by(call("grow(c)"), found) == {"c"}


def test_a_local_function_is_not_the_notebooks() -> None:
    found = functions("def f(a, g):\n    g(a)\ndef g(x):\n    x.y = 1")
    follow_calls(found)
    assert changed_by(call("f(c, d)"), found) == set()


def test_what_is_run_for_its_own_sake_is_in_one_list_only() -> None:
    assert TRAINING < NEVER_RUN
    assert NEVER_RUN.isdisjoint(SETTINGS)
    assert NEVER_RUN.isdisjoint({"add", "compile", "build", "append", "pop", "set_weights"})
