"""``Convolution2D(32, 3, 3)``: a 3×3 kernel in Keras 1, a kernel of 3 and a stride of 3 today.

Keras 2 read it as Keras 1 did, unless it came as ``tf.keras``; Keras 3 has the stride there.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

from grader.sandbox.old_keras.interpreter import Interpreter, OldKeras, show_call


def call_style(
    interpreter: Interpreter, name: str, today: str, args: tuple[Any, ...], old: bool
) -> None:
    """Look at the numbers that a convolution is given by position.

    Args:
        name: what the student calls the class; ``today`` is what Keras calls it.
        old: whether the name or an argument is of Keras 1.

    Raises:
        OldKeras: when a number is a side of the kernel by the one reading, the stride by the
            other.
    """
    sides = [int(arg) for arg in args[1:4] if _is_number(arg)]
    sides = sides[: 3 if today == "Conv3D" else 2]
    if len(sides) < 2 or len(args) < 3 or not all(map(_is_number, args[:3])):
        return
    if set(sides) == {1}:
        return  # a kernel of 1 and a stride of 1 either way
    filters = int(args[0])
    call = show_call(name, [filters, *sides])
    kernel = "×".join(map(str, sides))
    better = show_call(today, [filters, tuple(sides)])
    if old or interpreter.keras_1 or len(sides) == 3:
        raise OldKeras(
            f"{call} meant {filters} kernels of {kernel} in Keras 1; today its third argument is "
            f"the stride. Write {better}."
        )
    if len(args) == 3:
        interpreter.remark(
            f"{call} was read with the stride {sides[1]}, its third argument (strides={sides[1]}); "
            f"if a {kernel} kernel was meant, write {better}."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
