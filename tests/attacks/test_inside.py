"""Inside: a model with classes of the student's own, described and trained beside its own code.

What such a process says of its model is a claim: the report needs a person's eyes, whatever the
claim. It must still be a claim in form: no more points than its predictions are worth against
labels that it never had, no number that is none, no word for another's model, and no end of the
grader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from grader.checks.base import CheckSpec
from grader.checks.training import Training
from grader.records import Report
from tests.attacks.attack import HONEST, Attack, World
from tests.attacks.test_forging import DESCRIBED, SEEN, custom

TRAIN_SECONDS = 3
SLACK_SECONDS = 4

NONE = SEEN + "none = lambda images, part: np.full(len(images[part]), 11)\n"
"""``none``: predictions that are right for no image."""
WHILE_TRAINING = SEEN + "if asked():\n    "
"""What follows is done in the process that is asked for a training only."""

EPOCHS = {
    "an accuracy that is not a number": "{'accuracy': float('nan')}",
    "an accuracy beyond everything": "{'accuracy': 1e9}",
    "an accuracy below nothing": "{'accuracy': -0.5}",
    "a loss without end": "{'loss': float('-inf')}",
    "a loss that is an array": "{'loss': np.ones(1)}",
}
"""What is claimed of an epoch, beside what would be taken."""

PREDICTED = {
    "texts": "['3'] * len(images[part])",
    "floats": "np.full(len(images[part]), 3.0)",
    "a column": "np.full((len(images[part]), 1), 3)",
    "one too many": "np.full(len(images[part]) + 1, 3)",
    "none": "np.zeros(0, int)",
    "a dict that claims a shape": "{'shape': [len(images[part])], 'dtype': 'int32'}",
}

ANSWERED = {
    "more epochs than there were": "training(none, epochs=[{'loss': 0.1, 'accuracy': 1.0,"
    " 'validation': np.zeros(127, int)}] * 200)",
    "fewer epochs than there were": "training(none, epochs=[])",
    "epochs that are an array": "training(none, epochs=np.ones((4, 3)))",
    "an outcome that is an array": "training(none, outcome=np.ones(3))",
    "a list": "claims(training=[{'outcome': 'finished'}])",
    "nothing": "claims(training=None)",
    "the grader's own record": "claims(training={'seed': 0, 'accuracy': 1.0, 'epochs': [],"
    " 'outcome': 'finished', 'test': None})",
    "why it cannot be trained, at length": "training(none, refused='[bold]x\\x1b[2J' * 100_000)",
}

ENDINGS = {
    "answers twice": "wire.pack = lambda answer: honest(answer) * 2",
    "ends itself": "import os; os._exit(0)",
    "kills itself": "import os; os.kill(os.getpid(), 11)",
    "leaves by another way": "raise SystemExit('@MARK@')",
    "prints without end": "print('x' * (1 << 25))",
    "forks, and the child goes on": "import os; os.fork() or os.execv(sys.executable,"
    " [sys.executable, '-c', 'import time; time.sleep(99)', '@MARK@'])",
    "leaves a process behind": "import os, subprocess; subprocess.Popen([sys.executable, '-c',"
    " 'import time; time.sleep(99)', '@MARK@'], start_new_session=True); os._exit(0)",
}
"""What the process does instead of training."""

COSTS = {
    "takes all the time": "import os\n    while True: pass",
    "takes all the memory": "kept = [np.ones(1 << 22) for _ in range(10**4)]",
    "sleeps where no signal wakes it": "import signal, threading\n"
    "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); threading.Lock().acquire()\n"
    "    lock = threading.Lock(); lock.acquire(); lock.acquire()",
}

LABELS = """
import gc
request = asked()
if request:
    count, found = len(request["images"]["test"]), []
    def look(values):
        for value in list(values):  # ``found`` may be among them
            if type(value) is np.ndarray and value.shape == (count,) and value.dtype.kind in "iu":
                if (value != 11).any():  # or it is what was claimed when this ran before
                    found.append(value)
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            look(value.values() if type(value) is dict else [value])
        frame = frame.f_back
    look(request["images"].values())
    for value in gc.get_objects():
        if type(value) is dict and len(value) < 100:
            look(list(value.values()))
        elif type(value) in (list, tuple) and len(value) < 100:
            look(value)
    try:
        from grader.training.datasets import load_dataset
        found.append(load_dataset("digits", None, (8, 8, 1), 200).test.labels)
    except Exception:
        pass
    predicted = [*found, np.full(count, 11)][0]
    training(lambda images, part: predicted if part == "test" else none(images, part))
"""
"""Whatever may be the labels of the test images is given for the prediction."""

TALLIES: dict[str, tuple[str, float]] = {
    "outputs that are not numbers": (
        "sample={'images': 16, **dict.fromkeys(('minimum', 'maximum', 'largest_sum_error'),"
        " float('nan'))}",
        0,
    ),
    "filters of four thousand digits": (
        "model=changed(0, filters=10**4000, kernel_size=[10**4000] * 2)",
        DESCRIBED - 10 / 3,
    ),
    "a kernel and a stride of nothing": (
        "model=changed(0, kernel_size=[0, 0], strides=[0, 0])",
        40,
    ),
    "no output": ("model={**describe(right()), 'output_shapes': []}", 30),
    "that it was rebuilt": ("model={**describe(right()), 'rebuilt': True}, rebuilt=True", 40),
    "points": ("score=110, max_score=1, status='graded', checks=[], exercises=[]", 0),
}
"""What is claimed of the model itself, and what it is worth to whoever believes it."""

CRASHES = {
    "strides in a list of their own": "model=changed(0, strides=[[1, 1]])",
    "strides that are names": "model=changed(0, strides=[{'height': 1}])",
}
"""What is claimed of a layer, for the grader to fall over."""

CHANGED = """
def changed(place, **config):
    model = describe(right())
    model["layers"][place]["config"].update(config)
    return model
"""


def trained(source: str, worth: float = DESCRIBED) -> Attack:
    return custom(source, worth, "needs_review")


@pytest.fixture
def hasty(custom_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same world with little time to train."""
    content = custom_world.assignment.content
    limits = content.limits.model_copy(update={"train_seconds": TRAIN_SECONDS})
    hurried = content.model_copy(update={"limits": limits})
    monkeypatch.setattr(
        custom_world, "assignment", replace(custom_world.assignment, content=hurried)
    )
    yield custom_world


@pytest.fixture
def fresh(custom_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same world with another recipe, by which nobody has trained yet."""
    content = custom_world.assignment.content
    exercises = tuple(
        exercise.model_copy(update={"checks": tuple(map(_for_two_epochs, exercise.checks))})
        for exercise in content.exercises
    )
    other = content.model_copy(update={"exercises": exercises})
    monkeypatch.setattr(custom_world, "assignment", replace(custom_world.assignment, content=other))
    yield custom_world


def _for_two_epochs(check: CheckSpec) -> CheckSpec:
    known = isinstance(check, Training)
    return check.model_copy(update={"epochs": 2}) if known else check


def strict(report: Report) -> None:
    """The curve of a training holds shares and finite losses, and no more epochs than asked."""
    training = report.exercises[0].training
    for run in training.runs if training else ():
        assert len(run.epochs) <= 4
        assert run.accuracy is None or 0 <= run.accuracy <= 1
        for epoch in run.epochs:
            assert 0 <= epoch.accuracy <= 1
            assert 0 <= epoch.val_accuracy <= 1
            assert abs(epoch.loss) < 1e39


@pytest.mark.parametrize("name", EPOCHS)
def test_an_epoch_out_of_form_gains_nothing(name: str, custom_world: World) -> None:
    source = (
        f"{NONE}good = {{'loss': 0.1, 'accuracy': 1.0, 'validation': np.zeros(127, int)}}\n"
        f"training(none, epochs=[{{**good, **{EPOCHS[name]}}}] * 4)"
    )
    assert custom_world.gains(trained(source), follow_up=False) == []
    strict(custom_world.last)


@pytest.mark.parametrize("name", PREDICTED)
def test_predictions_out_of_form_are_all_wrong(name: str, custom_world: World) -> None:
    source = f"{SEEN}training(lambda images, part: {PREDICTED[name]})"
    assert custom_world.gains(trained(source), follow_up=False) == []
    strict(custom_world.last)


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_out_of_form_gains_nothing(name: str, custom_world: World) -> None:
    assert custom_world.gains(trained(NONE + ANSWERED[name]), follow_up=False) == []
    strict(custom_world.last)


@pytest.mark.parametrize("name", ENDINGS)
def test_a_process_that_ends_otherwise_gains_nothing(name: str, custom_world: World) -> None:
    assert custom_world.gains(trained(WHILE_TRAINING + ENDINGS[name])) == []


@pytest.mark.parametrize("name", COSTS)
def test_training_inside_keeps_to_its_limits(name: str, hasty: World) -> None:
    assert hasty.gains(trained(WHILE_TRAINING + COSTS[name]), follow_up=False) == []
    assert hasty.last.seconds.total < TRAIN_SECONDS + SLACK_SECONDS


def test_the_labels_of_the_test_images_are_nowhere(custom_world: World) -> None:
    assert custom_world.gains(trained(NONE + LABELS)) == []
    training = custom_world.last.exercises[0].training
    assert training is not None
    assert training.best.accuracy == 0


@pytest.mark.parametrize("name", TALLIES)
def test_a_strange_claim_is_for_a_person_to_review(name: str, custom_world: World) -> None:
    claim, worth = TALLIES[name]
    source = f"{CHANGED}claims({claim})"
    attack = trained(source, round(worth, 6))
    assert custom_world.gains(attack, follow_up=False) == []


@pytest.mark.parametrize("name", CRASHES)
def test_a_strange_claim_is_printed(name: str, custom_world: World) -> None:
    attack = trained(f"{CHANGED}claims({CRASHES[name]})")
    assert custom_world.gains(attack, follow_up=False) == []


def test_the_first_description_holds(custom_world: World) -> None:
    later = "claims(model={**describe(right()), 'total_params': 1, 'layers': []})"
    assert custom_world.gains(trained(WHILE_TRAINING + later), follow_up=False) == []
    model = custom_world.last.exercises[0].model
    assert model is not None
    assert model.total_params == 1490
    assert len(model.layers) == 3


def test_what_is_learnt_inside_is_kept_for_nobody(fresh: World) -> None:
    attack = trained(NONE + "training(none)")
    assert fresh.gains(attack, follow_up=False) == []
    again = fresh.grade(attack).exercises[0].training
    honest = fresh.grade(Attack("cnn", HONEST["cnn"])).exercises[0].training
    assert again is not None
    assert honest is not None
    assert [again.cached, honest.cached] == [False, False]
    assert [again.best.accuracy, len(honest.best.epochs)] == [0, 2]
    assert (honest.best.accuracy or 0) > 0.3


def test_a_class_that_computes_what_keras_does_is_trained_and_reviewed(custom_world: World) -> None:
    source = (
        "import keras\nfrom keras import layers\n"
        "class Twice(layers.Layer):\n    def call(self, x):\n        return x * 2\n"
        + HONEST["cnn"].replace("layers.Flatten()", "Twice(), layers.Flatten()")
    )
    attack = Attack("cnn", source, worth=70 - 10 / 4, status="needs_review")
    assert custom_world.gains(attack, follow_up=False) == []
