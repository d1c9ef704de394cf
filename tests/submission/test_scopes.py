"""Which names a statement binds, uses and changes; CPython's own bytecode is the oracle."""

from __future__ import annotations

import ast
import dis
import importlib.util
from pathlib import Path
from types import CodeType

import pytest

from grader.submission.names import Names
from grader.submission.scopes import names_of

IMPLICIT = frozenset({"__name__", "__annotations__", "__doc__", "__class__", "__debug__"})
LOADS = frozenset({"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"})
STORES = frozenset({"STORE_NAME", "STORE_GLOBAL"})

EVERYTHING = """
import a.b.c
import a.b as ab, x
from m.n import o as oo, p
try:
    import q
except (ImportError, E1) as e:
    q = r(e)
else:
    s = 1
finally:
    t = u
async def f(a1, /, b1: T1 = d1, *c1: T2, e1=d2, **g1) -> T3:
    async with w1 as w2, w3:
        async for i in j:
            k = [l async for l in i if n]
    def g():
        nonlocal k
        global h1
        k = h1 = a1
        def h():
            return k, h1, z1
        return h
    await k
    del i
    yield g
@d3
@d4(d5)
class C(B1, B2, metaclass=M):
    y: T4 = v1
    z: T5
    own = y
    def m(self, own2=own):
        return own, super().m(), [own2 for own2 in self]
    for n in range(3):
        y2 = n
lam = lambda q1, *q2, q3=q4, **q5: (q1, q2, q3, q5, q6, lambda: q1 + q7)
comp = [c1 + c2 for c1 in c3 if c4 for c2 in c1 if (c5 := c2)]
more = {d1: d2 for d1, d2 in d1.items()}, {s1 for s1 in s1}, (g2 for g2 in g3)
(t1, [t2, *t3]), t4.at, t5[t6] = t7
t8 += t9
t10.at += 1
t11[t12] -= 1
an: An = 1
an.at: An2 = 2
an3: An3
if (w4 := w5) and w6:
    i1 = 1
elif w7:
    i2 = i1
else:
    i3 = 2
for (l1, l2.at) in l3:
    l4 = l1
    continue
else:
    l5 = l4
while wh1:
    wh2 = 1
    break
else:
    wh3 = 1
with o1(o2) as (o3, o4[0]), o5 as o6:
    o7 = o3
match ma1:
    case ma2.X | ma3.Y(1, z=ma12.Z) if ma4:
        ma5 = 1
    case [ma6, *ma7] | {"k": ma6, **ma7}:
        ma8 = ma6
    case (1 | 2) as ma9:
        pass
    case _:
        raise ma10 from ma11
assert as1, as2
print(f"{f1!r:>{f2}} {f3=}")
x1 if x2 else x3
x4[x5:x6, ...]
x7(*x8, **x9, k=x10)
not x11 and -x12 < x13 is None
{x14: x15, **x16}, {x17, *x18}
try:
    tr1
except* tr2 as tr3:
    tr4 = tr3
def gen():
    yield from y9
    return y10
del de1, de2.at, de3[de4]
"""


def statements(source: str) -> list[ast.stmt]:
    return ast.parse(source).body


def names(source: str) -> Names:
    (statement,) = statements(source)
    return names_of(statement)


class Bytecode:
    """What the compiled statement loads and stores in the global scope."""

    def __init__(self, statement: ast.stmt) -> None:
        self.loads: set[str] = set()
        self.stores: set[str] = set()
        self.inner: set[str] = set()
        """Stored in a class's scope, or by a function that declares the name global."""
        module = ast.Module([statement], [])
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._read(compile(module, "x", "exec", flags=flags, dont_inherit=True), self.stores)

    def _read(self, code: CodeType, stores: set[str]) -> None:
        for instruction in dis.get_instructions(code):
            if instruction.opname in LOADS:
                self.loads.add(instruction.argval)
            elif instruction.opname in STORES:
                stores.add(instruction.argval)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                # A comprehension's := stores in the scope around it.
                outside = constant.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
                self._read(constant, stores if outside else self.inner)


def check(statement: ast.stmt) -> None:
    code = Bytecode(statement)
    found = names_of(statement)
    read = (found.uses | found.deferred) - IMPLICIT
    bound = found.binds | found.may_bind | found.augments
    caught = {h.name for h in ast.walk(statement) if isinstance(h, ast.ExceptHandler) and h.name}
    where = ast.unparse(statement)
    assert read <= code.loads, where
    assert code.loads - read - IMPLICIT <= bound | code.inner | caught, where
    assert bound - IMPLICIT == code.stores - IMPLICIT - (caught - bound), where


@pytest.mark.parametrize("statement", statements(EVERYTHING), ids=lambda s: ast.unparse(s)[:30])
def test_every_kind_of_statement_reads_and_binds_what_its_bytecode_does(
    statement: ast.stmt,
) -> None:
    check(statement)


def test_every_kind_of_statement_is_among_them() -> None:
    seen = {type(node).__name__ for node in ast.walk(ast.parse(EVERYTHING))}
    known = [kind for kind in vars(ast).values() if isinstance(kind, type)]
    kinds = {kind.__name__ for kind in known if kind.__base__ in (ast.stmt, ast.expr)}
    newer = {"TypeAlias", "TemplateStr", "Interpolation"}
    assert kinds - seen <= newer


def test_hundreds_of_keras_own_statements_read_and_bind_what_their_bytecode_does() -> None:
    found = importlib.util.find_spec("keras")
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent / "src" / "layers"
    checked = 0
    for path in sorted(folder.rglob("*.py"))[:80]:
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            check(statement)
            checked += 1
    assert checked > 300


@pytest.mark.parametrize(
    ("source", "binds", "may_bind"),
    [
        ("x = 1", "x", ""),
        ("import a.b", "a", ""),
        ("if c:\n    x = 1", "", "x"),
        ("if c:\n    x = 1\n    y = 1\nelse:\n    x = 2", "x", "xy"),
        ("if c:\n    x = 1\nelif d:\n    x = 2", "", "x"),
        ("for i in c:\n    x = 1\nelse:\n    y = 1", "", "ixy"),
        ("while c:\n    x = 1", "", "x"),
        ("with c as (x, y):\n    z = 1", "xyz", ""),
        ("try:\n    x = 1\nexcept E:\n    y = 1\nfinally:\n    z = 1", "z", "xy"),
        ("try:\n    x = 1\nexcept E:\n    x = 2\nexcept F as e:\n    x = 3", "x", "x"),
        ("try:\n    x = 1\nexcept* E:\n    x = 2", "x", "x"),
        ("try:\n    pass\nexcept E:\n    pass\nelse:\n    x = 1", "", "x"),
        ("match c:\n    case [x]:\n        y = 1", "", "xy"),
        ("f(x := 1)", "", "x"),
        ("def x(): pass", "x", ""),
        ("class x: pass", "x", ""),
        ("x: int", "", ""),
        ("x: int = 1", "x", ""),
        ("del x", "", ""),
        ("from m import *", "", ""),
    ],
)
def test_what_is_bound_for_certain_and_what_perhaps(source: str, binds: str, may_bind: str) -> None:
    found = names(source)
    assert found.binds == set(binds)
    assert found.may_bind >= set(may_bind)
    assert found.may_bind - found.binds == set(may_bind) - set(binds)


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("with a as x:\n    y = x\n    z = y", "a"),
        ("for x in a:\n    y = x\n    z = y", "a"),
        ("if a:\n    x = 1\ny", None),
        ("try:\n    x = a\n    y = x\nexcept E:\n    z = x", "aEx"),
        ("try:\n    x = a\nfinally:\n    y = x", "a"),
        ("try:\n    x = a\nexcept E:\n    x = b\nfinally:\n    y = x", "aEb"),
        ("match a:\n    case [x]:\n        y = x", "a"),
        ("class C:\n    x = a\n    y = x", "a"),
        ("x += a", "ax"),
        ("x = x", "x"),
        ("x[a] = b", "xab"),
        ("x.a = b", "xb"),
    ],
)
def test_what_a_statement_has_bound_itself_is_not_read_from_outside(
    source: str, uses: str | None
) -> None:
    found = names_of(statements(source)[0])
    assert found.uses == set(uses if uses is not None else "a")


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("x.add(1)", "x"),
        ("x.y.z[0].add(1)", "x"),
        ("x[0] = 1", "x"),
        ("x.a, x.b[0] = 1, 2", "x"),
        ("x.a += 1", "x"),
        ("x.a: int = 1", "x"),
        ("del x[0], y.z", "xy"),
        ("await x.add(1)", "x"),
        ("x().add(1)", "x"),
        ("for l in x.layers:\n    l.trainable = False", "lx"),
        ("for i, l in e(x.layers):\n    l.trainable = False", "lex"),
        ("for l in x.layers:\n    show(l)", ""),
        ("x.fit(1)", ""),
        ("x.summary()", ""),
        ("y = x.add(1)", ""),
        ("x.a", ""),
        ("x(1)", ""),
        ("'x'.join(y)", ""),
        ("def f():\n    x.add(1)", ""),
        ("class C:\n    x.add(1)\n    y = []\n    y.add(1)\n    z += [1]", "xz"),
    ],
)
def test_what_changes_an_object(source: str, changes: str) -> None:
    assert names(source).changes == set(changes)


@pytest.mark.parametrize(
    ("source", "deferred"),
    [
        ("def f(a, b=c):\n    return a + d", "d"),
        ("def f():\n    def g():\n        return a + b\n    b = 1", "a"),
        ("def f():\n    class C:\n        a = 1\n        def m(self):\n            return a", "a"),
        ("def f():\n    global a\n    a = 1", ""),
        ("def f():\n    global a\n    return a", "a"),
        ("def f():\n    a += 1", ""),
        ("def f():\n    import a.b as b\n    return b", ""),
        ("def f():\n    try:\n        g()\n    except E as e:\n        return e", "gE"),
        ("def f():\n    try:\n        g()\n    except E as e:\n        pass\n    return e", "gE"),
        ("f = lambda a: a + b", "b"),
        ("f = [lambda: a + b for a in c]", "b"),
        ("class C:\n    a = 1\n    def m(self):\n        return a + __class__", "a__class__"),
    ],
)
def test_what_only_a_call_uses(source: str, deferred: str) -> None:
    expected = {"a", "__class__"} if "__class__" in deferred else set(deferred)
    assert names(source).deferred == expected


def test_imports_are_told_from_other_bindings() -> None:
    found = names("try:\n    import a.b, c as d\nexcept E:\n    x = None")
    assert found.imports == {"a", "d"}
    assert names("from m import *").star_import
    assert names("from __future__ import annotations").future
    assert not names("from m import a").star_import
    assert not names("from m import a").future


def test_a_function_is_known_by_what_a_call_of_it_does() -> None:
    (function,) = names(
        "def f(a, b, *c, d=1):\n    global g, h\n    g = 1\n    a.x = 1\n    b = [b]\n"
        "    b.append(2)\n    d += [1]\n    other.add(1)\n    own = []\n    own.add(1)\n"
        "    k(a, own)"
    ).functions
    assert function.name == "f"
    assert function.parameters == ("a", "b", "d", "c")
    assert function.kept == {"a", "c", "d"}
    assert function.binds == {"g"}
    assert function.changes == {"other"}
    assert function.changes_parameters == {"a", "d"}
    assert [call.function for call in function.calls] == ["k"]
    assert not function.trains


def test_a_function_that_fits_trains() -> None:
    (function,) = names("def f(m):\n    if m:\n        return m.fit(1)").functions
    assert function.trains
