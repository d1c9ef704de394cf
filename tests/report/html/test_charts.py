"""Pictures that belong to their page: no style of their own, ids of their own, equal when equal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from grader.report.html.charts import histogram, training_curves

EPOCHS = [
    {"loss": 1.5, "accuracy": 0.6, "val_accuracy": 0.8},
    {"loss": 0.25, "accuracy": 0.95, "val_accuracy": 0.96},
]


def epochs(count: int) -> list[dict[str, Any]]:
    return [{"loss": 1 / n, "accuracy": 0.5, "val_accuracy": 0.4} for n in range(1, count + 1)]


def elements(picture: Markup) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter())


def words(picture: Markup) -> list[str]:
    return [element.text or "" for element in elements(picture) if element.tag == "text"]


def test_a_training_has_two_curves_that_say_what_they_show() -> None:
    accuracy, loss = training_curves(EPOCHS, "e0")
    titles = [elements(picture)[1].text for picture in (accuracy, loss)]
    assert titles == [
        "Accuracy in training and in validation over 2 epochs; validation ends at 96 %.",
        "Training loss over 2 epochs: from 1.50 to 0.25.",
    ]
    assert {"training", "validation", "accuracy, %", "epoch"} <= set(words(accuracy))
    assert "training loss" in words(loss)


def test_a_picture_is_named_for_whoever_does_not_see_it() -> None:
    root, title = elements(training_curves(EPOCHS, "e3")[0])[:2]
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", title.get("id"))
    assert title.get("id") == "e3-accuracy-title"


def test_the_same_training_gives_the_same_picture_once() -> None:
    first, second = training_curves(EPOCHS, "e0"), training_curves(EPOCHS, "e0")
    assert all(a is b for a, b in zip(first, second, strict=True))


def test_no_element_has_a_style_of_its_own() -> None:
    for picture in (*training_curves(EPOCHS, "e0"), histogram([1, 2], 10, "points", "h")):
        found = elements(picture)
        assert not [element for element in found if element.get("style")]
        assert not {"style", "script", "metadata", "image", "a"} & {each.tag for each in found}
        assert "#ffffff" not in picture and "#000000" not in picture


def test_references_stay_in_their_picture() -> None:
    for picture in training_curves(epochs(5), "e7"):
        ids = {element.get("id") for element in elements(picture)} - {None}
        assert all(str(each).startswith("e7-") for each in ids)
        for element in elements(picture):
            for key, value in element.attrib.items():
                if key == "href":
                    assert value[0] == "#" and value[1:] in ids
                if "url(" in value:
                    assert value[5:-1] in ids


def test_two_pictures_of_a_page_share_no_id() -> None:
    pictures = [*training_curves(EPOCHS, "e0"), *training_curves(EPOCHS, "e1")]
    ids = [element.get("id") for each in pictures for element in elements(each)]
    named = [each for each in ids if each]
    assert len(named) == len(set(named))


def test_a_training_that_diverged_is_drawn_as_far_as_it_went() -> None:
    lost = {"loss": None, "accuracy": 0.1, "val_accuracy": None}
    accuracy, loss = training_curves([EPOCHS[0], lost], "e0")
    assert str(elements(accuracy)[1].text).endswith("validation ends at no number.")
    assert str(elements(loss)[1].text).endswith("from 1.50 to no number.")


def test_a_training_of_nothing_but_no_numbers() -> None:
    lost = {"loss": None, "accuracy": None, "val_accuracy": None}
    assert len(training_curves([lost], "e0")) == 2


def test_one_epoch_and_five_hundred() -> None:
    assert len(training_curves(epochs(1), "e0")) == 2
    assert len(training_curves(epochs(500), "e0")[0]) < 40_000


def test_no_epochs_no_curves() -> None:
    assert training_curves([], "e0") == ()


def test_a_histogram_tells_its_counts() -> None:
    told = words(histogram([0, 0, 3, 0, 0, 0, 0, 0, 12, 1], 50, "points", "scores"))
    assert {"3", "12", "1", "points", "submissions", "0", "50"} <= set(told)


def test_whoever_makes_no_page_does_not_wait_for_matplotlib() -> None:
    code = "import sys, grader.report.html; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
