"""Names of files and folders as Canvas and Moodle write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.lms_names import LmsName, read_canvas_name, read_moodle_name


def canvas(name: str) -> LmsName:
    found = read_canvas_name(name)
    assert found is not None
    return found


def moodle(name: str) -> LmsName:
    found = read_moodle_name(name)
    assert found is not None
    return found


def test_canvas_writes_name_lateness_ids_and_resubmission() -> None:
    assert canvas("doeann_LATE_1001_556677_hw1-2.ipynb") == LmsName(
        lms="canvas",
        name="doeann",
        id="1001",
        file="hw1-2.ipynb",
        late=True,
        attempt=3,
        series="hw1.ipynb",
        attachment="556677",
    )


@pytest.mark.parametrize(
    ("name", "student", "id", "file"),
    [
        ("doeann_1001_556677_hw1.ipynb", "doeann", "1001", "hw1.ipynb"),
        ("김민수_1002_556678_과제 1.ipynb", "김민수", "1002", "과제 1.ipynb"),
        ("o_neill_1003_556679_my_hw_1_2_3.ipynb", "o_neill", "1003", "my_hw_1_2_3.ipynb"),
        ('doe_1004_556680_a, "b".ipynb', "doe", "1004", 'a, "b".ipynb'),
        ("_1005_556681_hw.ipynb", "1005", "1005", "hw.ipynb"),
        ("late_1006_556682_hw.ipynb", "late", "1006", "hw.ipynb"),
        ("anon_aB1x2_556683_hw.ipynb", "anon aB1x2", "aB1x2", "hw.ipynb"),
        ("doe_1007_556684_line\nbreak.ipynb", "doe", "1007", "line\nbreak.ipynb"),
    ],
)
def test_canvas_names_are_taken_apart(name: str, student: str, id: str, file: str) -> None:
    found = canvas(name)
    assert (found.name, found.id, found.file) == (student, id, file)
    assert not found.late


@pytest.mark.parametrize("name", ["LATE_anon_aB1x2_5_hw.ipynb", "anon_LATE_aB1x2_5_hw.ipynb"])
def test_a_late_student_without_a_name_is_late(name: str) -> None:
    assert canvas(name).late
    assert canvas(name).id == "aB1x2"


@pytest.mark.parametrize(
    ("file", "attempt", "series"),
    [
        ("hw.ipynb", 1, "hw.ipynb"),
        ("hw-1.ipynb", 2, "hw.ipynb"),
        ("hw-12.ipynb", 13, "hw.ipynb"),
        ("hw-0.ipynb", 1, "hw-0.ipynb"),
        ("hw-2024.ipynb", 1, "hw-2024.ipynb"),
        ("01-convolution.ipynb", 1, "01-convolution.ipynb"),
        ("-1.ipynb", 1, "-1.ipynb"),
        ("hw-1", 1, "hw-1"),
    ],
)
def test_the_number_of_a_resubmission_stands_before_the_ending(
    file: str, attempt: int, series: str
) -> None:
    found = canvas(f"doeann_1001_556677_{file}")
    assert (found.attempt, found.series) == (attempt, series)


@pytest.mark.parametrize("name", ["doeann_1001_text.html", "doeann_LATE_1001_link.html"])
def test_what_was_typed_into_canvas_is_no_file(name: str) -> None:
    assert canvas(name).is_text
    assert canvas(name).id == "1001"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ann.ipynb",
        "ann_hw1.ipynb",
        "2023_11_hw.ipynb",
        "ann_1001_hw.ipynb",
        "ann_1001_556677.ipynb",
        "ann_1001_556677_",
        "doeann_１００１_556677_hw.ipynb",
    ],
)
def test_other_names_are_not_canvas_s(name: str) -> None:
    assert read_canvas_name(name) is None


def test_moodle_writes_the_name_and_the_participant() -> None:
    assert moodle("Ann Doe_12_assignsubmission_file_") == LmsName("moodle", "Ann Doe", "12", "")


@pytest.mark.parametrize(
    ("name", "student", "id", "file"),
    [
        ("Ann Doe_12_assignsubmission_file", "Ann Doe", "12", ""),
        ("김 민수_13_assignsubmission_file_", "김 민수", "13", ""),
        ("O'Neill-Smith, Ann_14_assignsubmission_file_", "O'Neill-Smith, Ann", "14", ""),
        ('A "B" C_15_assignsubmission_file_hw_1.ipynb', 'A "B" C', "15", "hw_1.ipynb"),
        ("Participant_16_assignsubmission_file_", "Participant 16", "16", ""),
        ("_17_assignsubmission_file_", "Participant 17", "17", ""),
        ("under_score_18_assignsubmission_file_", "under_score", "18", ""),
    ],
)
def test_moodle_names_are_taken_apart(name: str, student: str, id: str, file: str) -> None:
    found = moodle(name)
    assert (found.name, found.id, found.file) == (student, id, file)


def test_what_was_typed_into_moodle_is_no_file() -> None:
    assert moodle("Ann Doe_12_assignsubmission_onlinetext_").is_text
    assert not moodle("Ann Doe_12_assignsubmission_file_").is_text


@pytest.mark.parametrize(
    "name", ["", "Ann Doe", "Ann_12", "Ann_assignsubmission_file_", "Ann_12_assignsubmission_"]
)
def test_other_names_are_not_moodles(name: str) -> None:
    assert read_moodle_name(name) is None


_NAMES = st.from_regex(r"[a-z가-힣à-ÿ]+(_[a-z가-힣]+)*", fullmatch=True)
_IDS = st.integers(0, 10**12).map(str)


@given(_NAMES, st.booleans(), _IDS, _IDS, st.text(min_size=1))
def test_no_name_of_a_file_makes_it_anothers(
    name: str, late: bool, id: str, attachment: str, file: str
) -> None:
    """The student chooses ``file``, ``doe_1_2_assignsubmission_file_x`` among others."""
    found = canvas(f"{name}_{'LATE_' if late else ''}{id}_{attachment}_{file}")
    assert (found.name, found.late, found.id) == (name, late, id) or name == "anon"
    assert found.file == file
    inside = moodle(f"{name}_{id}_assignsubmission_file_{file}")
    assert (inside.name, inside.id, inside.file) == (name, id, file)


@given(_NAMES, _IDS, _NAMES, _IDS)
def test_the_leftmost_reading_counts(name: str, id: str, other: str, other_id: str) -> None:
    assert canvas(f"{name}x_{id}_5_{other}_LATE_{other_id}_6_hw.ipynb").id == id
    twice = f"{name}_{id}_assignsubmission_file_{other}_{other_id}_assignsubmission_file_hw.ipynb"
    assert moodle(twice).id == id


@given(st.text())
def test_every_name_is_read_or_left(name: str) -> None:
    for found in (read_canvas_name(name), read_moodle_name(name)):
        assert found is None or (found.name and found.id)
