"""Made-up data: what a name asks for, and arrays with the shapes and counts of the exercise's."""

from __future__ import annotations

import contextlib
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.standins.data import (
    CLASSES,
    FEWEST,
    Dataset,
    Declared,
    Examples,
    kind_of,
    made_up_images,
    made_up_labels,
)

KINDS: dict[str, list[str]] = {
    "images": (
        "x X x_train X_train xtrain XTest trainX train_images testImages images IMAGES img data "
        "train_data val test X_dev features train_x inputs"
    ).split(),
    "labels": "y Y y_train Y_test ytrain train_labels labels target y_val trainY Y_tr".split(),
    "dataset": "train_ds ds dataset val_dataset train_generator test_gen loader batches".split(),
    "names": "class_names classes CLASSES label_names categories".split(),
    "count": "num_classes n_classes nb_classes NUM_CLASSES numClasses num_labels n_outputs".split(),
    "": (
        "model test_model train_net img_height image_size data_shape layers output filters size "
        "width names file_names lr epochs i "
        "hidden _ conv1 layer_inputs 모델 größe"
    ).split(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_says_what_data_it_holds(kind: str) -> None:
    assert {name: kind_of(name) for name in KINDS[kind]} == dict.fromkeys(KINDS[kind], kind or None)


def test_a_name_of_any_length_is_looked_at() -> None:
    assert kind_of("a" * 10_000) is None
    assert kind_of("a_" * 5_000 + "x") == "images"
    assert kind_of("") is None


SHAPES = [(28, 28, 1), (32, 32, 3), (7,), (4, 5), (2, 3, 4, 5)]


@pytest.mark.parametrize("shape", SHAPES)
def test_images_have_the_exercises_shape(shape: tuple[int, ...]) -> None:
    images = Declared(shape, 3).make("x_train", "images")
    assert (images.shape, images.dtype) == ((FEWEST, *shape), np.float32)
    assert (images.reshape(FEWEST, -1).std(axis=1) > 0).all()


@pytest.mark.parametrize("classes", [1, 2, 10, 11, 100])
def test_every_class_is_among_the_labels(classes: int) -> None:
    labels = made_up_labels(classes)
    assert sorted(set(labels.tolist())) == list(range(classes))
    assert len(labels) == len(made_up_images((2, 2), classes, "uint8")) >= 2 * classes


def test_without_a_number_of_classes_there_are_ten() -> None:
    declared = Declared((4, 4, 1), None)
    assert declared.make("num_classes", "count") == CLASSES
    assert declared.make("class_names", "names") == [str(number) for number in range(CLASSES)]
    assert len(np.unique(declared.make("y", "labels"))) == CLASSES


def test_labels_may_be_rows_with_a_one() -> None:
    labels = Declared((4,), 5, one_hot=True).make("y", "labels")
    assert labels.shape == (FEWEST, 5)
    np.testing.assert_array_equal(labels.argmax(axis=1), made_up_labels(5))
    np.testing.assert_array_equal(labels.sum(axis=1), 1)


def test_other_ways_are_those_that_have_not_been_gone() -> None:
    def ways(declared: Declared) -> list[tuple[bool, bool]]:
        return [(way.one_hot, way.flat) for way in declared.ways()]

    assert ways(Declared((8, 8, 1), 3)) == [(True, False), (False, True), (True, True)]
    assert ways(Declared((8, 8, 3), 3)) == [(True, False)]
    assert ways(Declared((8, 1), 3)) == [(True, False)]
    assert ways(Declared((8, 8, 1), 3, True, True)) == [
        (False, False),
        (True, False),
        (False, True),
    ]
    (flat,) = (way for way in Declared((8, 8, 1), 3).ways() if way.flat and not way.one_hot)
    assert flat.make("x", "images").shape == (FEWEST, 8, 8)
    assert flat.used == {"x"}


def test_what_may_be_something_else_than_images_is_doubtful() -> None:
    declared = Declared((8, 8, 1), 3)
    assert not declared.doubtful
    for name in ("x_train", "images", "ytest"):
        declared.make(name, "images")
    assert not declared.doubtful
    declared.make("train_features", "images")
    assert declared.doubtful


def test_a_part_behind_the_last_example_is_the_whole() -> None:
    images = made_up_images((4, 4), 10, "uint8")
    assert len(images[50_000:]) == len(images[:50_000]) == FEWEST
    assert images[3:5].shape == (2, 4, 4)
    assert images[0].shape == (4, 4)
    assert images[..., None].shape == (FEWEST, 4, 4, 1)
    assert images[images[:, 0, 0] == 0].shape == (0, 4, 4)


def fits(values: int, ways: int) -> list[tuple[int, ...]]:
    """All shapes of up to ``ways`` axes with that many values."""
    divisors = [axis for axis in range(1, values + 1) if values % axis == 0]
    return [
        shape
        for axes in range(1, ways + 1)
        for shape in itertools.product(divisors, repeat=axes)
        if math.prod(shape) == values
    ]


def test_a_shape_that_fits_is_numpys() -> None:
    real = np.arange(24.0).reshape(4, 3, 2)
    examples = real.copy().view(Examples)
    shapes = fits(24, 4)
    assert len(shapes) > 100
    for shape in shapes:
        for order in ("C", "F"):
            got = examples.reshape(shape, order=order)
            np.testing.assert_array_equal(got, real.reshape(shape, order=order))
            np.testing.assert_array_equal(examples.reshape(*shape, order=order), got)
        for place in range(len(shape)):
            open_shape = (*shape[:place], -1, *shape[place + 1 :])
            np.testing.assert_array_equal(examples.reshape(open_shape), real.reshape(open_shape))
            np.testing.assert_array_equal(
                np.reshape(examples, list(open_shape)), real.reshape(open_shape)
            )


WRITTEN: list[tuple[Any, tuple[int, ...]]] = [
    ((60_000, 784), (20, 784)),
    ((60_000, 28, 28, 1), (20, 28, 28, 1)),
    ((60_000, 1, 28, 28), (20, 1, 28, 28)),
    ((60_000, -1), (20, 784)),
    ((60_000, 28, -1), (20, 28, 28)),
    ((10_000, 14, 56), (20, 14, 56)),
]


@pytest.mark.parametrize(("shape", "got"), WRITTEN)
def test_a_written_number_of_examples_is_not_held_to(
    shape: tuple[int, ...], got: tuple[int, ...]
) -> None:
    images = made_up_images((28, 28), 10, "uint8")
    assert images.reshape(shape).shape == got
    assert images.reshape(*shape).shape == got
    assert images.reshape(list(shape)).shape == got
    assert np.reshape(images, shape).shape == got
    np.testing.assert_array_equal(images.reshape(shape), np.asarray(images).reshape(got))


@pytest.mark.parametrize(
    "shape", [(60_000, 100, 100), (20, 785), (-1, 785), (60_000, 0), (5, -1, -1)]
)
def test_an_image_of_another_size_is_as_wrong_as_with_the_real_ones(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"reshape|dimension"):
        made_up_images((28, 28), 10, "uint8").reshape(shape)


@given(st.lists(st.integers(-3, 9), min_size=1, max_size=4))
def test_any_shape_is_numpys_or_has_its_axes_behind_the_first(shape: list[int]) -> None:
    real = np.arange(24).reshape(4, 3, 2)
    expected: Any = None
    for tried in (shape, [4, *shape[1:]] if -1 in shape[1:] else [-1, *shape[1:]]):
        with contextlib.suppress(ValueError):
            expected = real.reshape(tried)
            break
    if expected is None:
        with pytest.raises(ValueError, match=r"reshape|dimension"):
            real.view(Examples).reshape(shape)
    else:
        np.testing.assert_array_equal(real.view(Examples).reshape(shape), expected)


def test_a_data_set_can_be_walked_through_and_asked() -> None:
    dataset = Declared((8, 8, 3), 4).make("train_ds", "dataset")
    assert isinstance(dataset, Dataset)
    assert dataset.map(len).cache().shuffle(100, seed=1).batch(32).prefetch(-1) is dataset
    for images, labels in dataset:
        assert (images.shape, len(labels)) == ((FEWEST, 8, 8, 3), FEWEST)
    assert (len(dataset), dataset.image_shape, dataset.num_classes) == (1, (8, 8, 3), 4)
    assert dataset.class_names == ["0", "1", "2", "3"]
    assert dataset.class_indices == {"0": 0, "1": 1, "2": 2, "3": 3}
    assert dataset[0][0].shape == next(dataset)[0].shape == next(iter(dataset))[0].shape
    with pytest.raises(AttributeError):
        dataset.__deepcopy__  # noqa: B018
