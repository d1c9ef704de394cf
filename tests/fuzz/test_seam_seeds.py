"""Real answers and architectures, and changes of them that are the same each time, read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.errors import SubmissionError
from grader.model.architecture import check_architecture
from grader.model.claims import read_model, read_texts
from grader.sandbox import wire
from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import read_error
from tests.fuzz import architectures, seam
from tests.model.saved import Saved, call, dense, entry, functional, layer, sequential, tensor

MESSAGES = sorted((seam.SEEDS / "seam").glob("*.msg"))
CLAIMS = sorted(architectures.SEEDS.glob("*.json"))
SECONDS = 2.0
CHANGES = 8
"""How many inputs are made of each seed, one from the other."""
LIMITS = Limits(30, 4 * 2**30)


def changes(path: Path, mutate: Callable[[bytes, int], bytes]) -> list[bytes]:
    made = [path.read_bytes()]
    for seed in range(CHANGES):
        made.append(mutate(made[-1], seed))
    return made


@pytest.mark.parametrize("path", MESSAGES, ids=[path.name for path in MESSAGES])
def test_an_answer_and_what_is_made_of_it_is_read_or_refused(path: Path) -> None:
    for data in changes(path, seam.mutate):
        seam.look_at(data, SECONDS, watch_memory=True)


@pytest.mark.parametrize("path", CLAIMS, ids=[path.name for path in CLAIMS])
def test_a_claim_and_what_is_made_of_it_holds_nothing_but_keras(path: Path) -> None:
    for data in changes(path, architectures.mutate):
        architectures.look_at(data, SECONDS)


def test_what_is_let_through_is_described_or_refused_in_the_trusted_process(
    sandbox: Sandbox,
) -> None:
    described = 0
    for path in CLAIMS[::4]:
        passed = map(architectures.look_at, changes(path, architectures.mutate)[:2])
        for architecture in passed:
            if architecture is None:
                continue
            request = {"architecture": architecture.config, "input_shape": [8, 8, 3]}
            reply = sandbox.ask_trusted("describe", request, LIMITS)
            assert reply.ending == "answered", reply
            if "model" in reply.answer:
                described += read_model(reply.answer["model"], rebuilt=True) is not None
            else:
                assert reply.answer["refused"]
    assert described > 5


# --- what the fuzzer found --------------------------------------------------------------------


def test_an_array_among_sentences_is_not_written_out() -> None:
    message = wire.unpack(wire.pack([np.zeros((2,) * 22, "u1"), ["x"], {}, "a sentence"]), 2**27)
    assert read_texts(message) == ("?", "?", "?", "a sentence")


@pytest.mark.parametrize(("kind", "text"), [("", ""), (" ", "\n"), ("AbsentValue", "")])
def test_an_exception_that_says_nothing_has_its_words(kind: str, text: str) -> None:
    problem = read_error({"kind": "raised", "type": kind, "text": text}, "f")
    assert (problem.kind, problem.message) == ("unreadable", "What came back for f cannot be read.")


FREE = {"a student's": "own text", "class_name": "Dense", "module": "keras.layers", "config": {}}


def inside(item: Saved) -> Any:
    """What is left of a layer that stands among another's arguments."""
    claimed = sequential(entry(4, 8), layer("TimeDistributed", name="t", layer=item))
    return check_architecture(claimed).config["config"]["layers"][1]["config"]["layer"]


def test_only_a_model_names_its_layers_where_they_are_called() -> None:
    loud = dense() | {"name": FREE, "inbound_nodes": [[1.0] * 10]}
    assert inside(loud) == inside(dense())
    model = sequential(entry(8), dense())
    assert check_architecture(model | {"name": FREE, "inbound_nodes": []}).config == (
        check_architecture(model).config
    )


def test_a_model_in_a_dict_or_among_the_arguments_of_a_call_gets_neutral_names() -> None:
    model = sequential(entry(8), dense(name="mine"), trainable=True)
    called = layer("Sequential", "keras", name="called", layers=[])
    for held in (inside_dict(model), inside_call(dense(), model), inside_call(called, model)):
        assert "mine" not in repr(held)


def inside_dict(model: Saved) -> Any:
    return inside(layer("RNN", name="r", cell={"a": {"b": [model]}}))


def inside_call(called: Saved, given: Saved) -> Any:
    claimed = functional(call(entry(8)), call(called, tensor("entry", 8), given))
    return check_architecture(claimed).config


def test_an_output_is_a_layer_and_two_numbers() -> None:
    claimed = functional(call(entry(8)), call(dense(), tensor("entry", 8)))
    claimed["config"]["output_layers"] = ["dense", dense(name="mine"), 0]
    with pytest.raises(SubmissionError, match="its inputs or outputs are not named"):
        check_architecture(claimed)


def test_a_class_is_no_arguments_of_an_operation() -> None:
    operation = layer("Sum", "keras.src.ops.numpy", name="sum") | {"config": dense(name="mine")}
    claimed = functional(call(entry(8)), operation | {"name": "sum", "inbound_nodes": []})
    with pytest.raises(SubmissionError) as caught:
        check_architecture(claimed)
    assert caught.value.problem.message == (
        "Sum has an argument that Keras does not know: 'class_name'."
    )
