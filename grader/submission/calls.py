"""What calling a function does to names that are not its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

TRAINING = frozenset(
    "fit fit_generator train_on_batch evaluate evaluate_generator test_on_batch predict "
    "predict_generator predict_classes predict_on_batch".split()
)
NEVER_RUN = TRAINING | frozenset(
    "summary save save_weights load_weights export plot show savefig imshow plot_model print "
    "display head describe info mount flush_and_unmount load_data input sleep".split()
)
"""Calls for whose sake alone no statement is run: training, printing, fetching."""
SETTINGS = frozenset(
    "seed set_seed set_random_seed set_floatx set_image_data_format set_dtype_policy "
    "set_global_policy".split()
)
"""The only calls for whose sake a statement is run that changes what was imported."""

GLOBAL_SETTINGS = frozenset(
    "set_floatx set_image_data_format set_image_dim_ordering set_dtype_policy set_global_policy "
    "set_policy".split()
)
"""Those that change what every layer made below them is."""

DEPTH = 5
"""How deep in functions that call functions an effect is followed."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a plain name, with the names at the root of what it is handed."""

    function: str
    arguments: tuple[str | None, ...]
    keywords: tuple[tuple[str | None, str | None], ...]

    def handed(self, parameters: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Pairs of a parameter and the name that it is handed."""
        positional = zip(parameters, self.arguments, strict=False)
        for parameter, name in (*positional, *self.keywords):
            if parameter and name:
                yield parameter, name


@dataclass(slots=True)
class Function:
    """A function of the notebook, by what a call of it does."""

    name: str
    parameters: tuple[str, ...]
    kept: set[str]
    """Parameters that hold what was handed in until the end."""
    local: set[str]
    binds: set[str]
    """Declared ``global``, and assigned."""
    changes: set[str]
    """Names from outside whose object it changes."""
    changes_parameters: set[str]
    calls: list[Call]
    trains: bool


Functions = Mapping[str, Sequence[Function]]
"""By name, with every definition that the notebook gives it."""


def changed_by(call: Call, functions: Functions) -> set[str]:
    """Names whose object a call changes. One that trains is not made for this effect's sake."""
    changed: set[str] = set()
    for function in functions.get(call.function, ()):
        if not function.trains:
            changed |= function.changes
            handed = call.handed(function.parameters)
            changed |= {name for key, name in handed if key in function.changes_parameters}
    return changed


def may_be_changed_by(call: Call, functions: Functions) -> set[str]:
    """The same for a call that is made all the same, training and all."""
    changed: set[str] = set()
    for function in functions.get(call.function, ()):
        handed = call.handed(function.parameters)
        changed |= function.changes
        changed |= {name for key, name in handed if key in function.changes_parameters}
    return changed


def bound_by(call: Call, functions: Functions) -> set[str]:
    """Names that a call binds, where the function declares them ``global``."""
    return {name for function in functions.get(call.function, ()) for name in function.binds}


def follow_calls(functions: Functions) -> None:
    """Add to each function what the functions do that it calls."""
    for _ in range(DEPTH):
        for function in (one for several in functions.values() for one in several):
            for call in function.calls:
                called = functions.get(call.function, ())
                changed = changed_by(call, functions)
                function.binds |= bound_by(call, functions)
                function.trains |= any(one.trains for one in called)
                function.changes_parameters |= changed & function.kept
                function.changes |= changed - function.local
