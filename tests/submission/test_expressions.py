"""What an expression uses, binds and calls."""

from __future__ import annotations

import ast

import pytest

from grader.submission.calls import Call
from grader.submission.expressions import Expression, read_expression, root_name, stored_names


def read(source: str) -> Expression:
    return read_expression(ast.parse(source, mode="eval").body)


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("a + b.c[d](e, *f, g=h, **i)", "abdefhi"),
        ("[a for a in b]", "b"),
        ("[a for a in a]", "a"),
        ("[c for a in b for c in a if d]", "bd"),
        ("[b for a in b for b in a]", "b"),
        ("{a: b for c in d}", "abd"),
        ("[x for a.b in c]", "xac"),
        ("[[a for a in b] for b in c]", "c"),
        ("lambda a, /, b=c, *d, e=f, **g: a + b + d + e + g + h", "cfh"),
        ("lambda: (lambda a: a + b)", "b"),
        ("[lambda: a for a in b]", "b"),
        ("(a := b)", "b"),
        ("f'{a!r:{b}}'", "ab"),
        ("a if b else c", "abc"),
        ("await a", "a"),
        ("'a'", ""),
    ],
)
def test_uses(source: str, uses: str) -> None:
    assert read(source).uses == set(uses)


def test_what_a_lambda_uses_is_deferred_too_but_its_defaults_are_not() -> None:
    found = read("f(lambda a=b: a + c, d)")
    assert found.uses == set("fbcd")
    assert found.deferred == set("c")


@pytest.mark.parametrize(
    ("source", "binds"),
    [
        ("(a := 1) + b", "a"),
        ("[(a := b) for b in c]", "a"),
        ("lambda: (a := 1)", ""),
        ("[a for a in b]", ""),
    ],
)
def test_binds(source: str, binds: str) -> None:
    assert read(source).binds == set(binds)


def test_calls_of_plain_names_with_what_they_are_handed() -> None:
    found = read("f(a, b.c, 1, *d, k=e[0], **g)(h) + i.j(l) + (lambda: m(n))()")
    assert found.calls == [
        Call("f", ("a", "b", None, "d"), (("k", "e"), (None, "g"))),
    ]
    assert found.methods == {"j"}


@pytest.mark.parametrize(
    ("source", "root"),
    [
        ("a", "a"),
        ("a.b[0].c(1)", "a"),
        ("(a.b)(c)", "a"),
        ("1", None),
        ("a + b", None),
        ("'a'.join(b)", None),
        ("[a][0]", None),
    ],
)
def test_the_root_of_a_path(source: str, root: str | None) -> None:
    assert root_name(ast.parse(source, mode="eval").body) == root


def test_stored_names_are_plain_names_only() -> None:
    (statement,) = ast.parse("a, (b, *c), d.e, f[g] = h").body
    assert stored_names(statement) == set("abc")


def test_an_expression_of_thousands_of_levels_needs_no_recursion() -> None:
    node: ast.expr = ast.Name("a", ast.Load())
    for _ in range(20_000):
        node = ast.UnaryOp(ast.Not(), node)
    assert read_expression(node).uses == {"a"}
