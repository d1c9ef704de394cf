"""Layers get neutral names, wherever they stand."""

from __future__ import annotations

from grader.model.architecture import check_architecture
from tests.model.saved import dense, entry, layer, sequential
from tests.model.student import objects_in


def test_no_name_of_the_students_is_left() -> None:
    named = dense(name="mine")
    wrapped = layer("TimeDistributed", name="wrapped", layer=dense(name="inside"))
    nested = sequential(entry(4, 4), wrapped)
    nested["config"]["name"] = "nested"
    model = check_architecture(sequential(entry(4), named, nested))
    assert model.names == ("entry", "mine", "nested", "entry", "wrapped", "inside")
    left = [item["config"].get("name") for item in objects_in(model.config)]
    assert left == ["model", "n0", "n1", "n2", "n3", "n4", "n5"]
