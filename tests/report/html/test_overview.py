"""The page of a class: what it says, in which order, and that names are nothing but names."""

from __future__ import annotations

from dataclasses import replace

from grader.records import Graded, PassedOver, Student
from grader.report.html import class_page
from grader.report.html.overview import tenths
from tests.batch.grade_books import ANN, BOB, RIGHT, line
from tests.report.html.classes import OLD, SMALL, ZOE, large, link, wider
from tests.report.html.pages import EVIL, Page, poisoned
from tests.report.reports import FAILED, MODEL, PASSED


def page(lines: list[Graded] = SMALL, **more: object) -> Page:
    return Page(class_page(iter(lines), link, **more))  # type: ignore[arg-type]


def test_it_says_what_the_class_comes_to() -> None:
    text = page(passed_over=[OLD], unknown=[ZOE]).text
    for said in (
        "7 students: 4 graded, 1 to review, 1 not graded, 1 missing.",
        "Scores in percent of what each could earn",
        "Mean 74, median 100, quartiles 70 and 100, lowest 0, highest 100.",
        "cnn/layers 60 % 3 of 5 1 1 0 0",
        "cnn/learns 75 % 3 of 4 0 0 1 1",
        "Student 5: cnn/learns: The data file is gone.",
        "Student 7: The worker was killed.",
        "Not on the roster Zoe",
        "Passed over old.ipynb: An earlier attempt.",
        "70 / 100 −10 late",
        "1 day",
    ):
        assert said in text, said


def test_scores_are_in_points_where_all_could_earn_the_same() -> None:
    assert "Scores of 100 points" in page(large(20)).text


def test_the_hardest_check_comes_first() -> None:
    text = page().text
    assert text.index("cnn/layers 60 %") < text.index("cnn/learns 75 %")


def test_equal_networks_are_one_and_the_most_frequent_comes_first() -> None:
    text = page().text
    assert "5 handed in 2 different" in text
    assert "Network 1 4 students, 80 % " in text
    assert "Network 2 1 student, 20 % 0 of 100 points" in text
    assert "Ann Ames, Bob, Student 4 and 1 more" in text


def test_names_of_layers_do_not_tell_networks_apart() -> None:
    renamed = replace(MODEL, layers=tuple(replace(one, name="mine") for one in MODEL.layers))
    assert "2 handed in 1 different" in page([line(ANN), line(BOB, model=renamed)]).text


def test_who_reads_whom_tells_networks_apart() -> None:
    first, second = MODEL.layers
    apart = replace(MODEL, layers=(first, replace(second, inbound=())))
    assert "2 handed in 2 different" in page([line(ANN), line(BOB, model=apart)]).text


def test_rare_networks_are_counted_and_not_listed() -> None:
    lines = [line(Student(str(n), f"S {n}"), model=wider(n)) for n in range(30)]
    shown = page(lines)
    assert "And 22 more." in shown.text
    assert len(shown.all("button", type="button")) == 8


def test_each_student_with_a_report_has_a_link() -> None:
    links = {str(each["href"]) for each in page().all("a")}
    assert {f"pages/000{place}.html" for place in (1, 2, 3, 4, 5)} <= links
    assert not {"pages/0006.html", "pages/0007.html"} & links


def test_lateness_has_a_column_only_where_somebody_was_late() -> None:
    assert "Late" in page().text
    assert "Late" not in page(large(5)).text


def test_a_class_of_nobody_has_a_page() -> None:
    shown = Page(class_page([]))
    assert "0 students." in shown.text
    assert len(shown.all("table")) == 1


def test_a_class_that_handed_in_nothing_has_a_page() -> None:
    text = page([Graded(ANN, "", "missing", 0.0, 0.0)]).text
    assert "1 student: 1 missing." in text
    assert "Scores" not in text and "Networks" not in text


def test_a_check_that_nobody_could_decide_has_no_rate() -> None:
    broken = replace(PASSED, status="error", score=0.0)
    assert "hardest" not in page([line(ANN, broken)]).text


def test_an_assignment_of_one_exercise_names_its_checks_alone() -> None:
    lines = [line(ANN, FAILED, PASSED)]
    assert "layers</bdi></td>" in class_page(lines)
    report = dict(lines[0].report or {})
    report["exercises"] = [*report["exercises"], {**report["exercises"][0], "id": "other"}]
    assert "cnn/layers, other/layers" in page([replace(lines[0], report=report)]).text


def test_a_score_on_a_border_is_in_the_upper_tenth_and_full_marks_in_the_last() -> None:
    assert tenths([0, 9.99, 10, 30, 100, 100], 100) == [2, 1, 0, 1, 0, 0, 0, 0, 0, 2]
    assert tenths([0.3], 1) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_whoever_they_are_and_whatever_they_say_is_text() -> None:
    evil = Student(EVIL, EVIL, EVIL)
    lines = [
        replace(line(evil, RIGHT, FAILED), report=poisoned(line(evil).report), path=EVIL),
        replace(line(evil, RIGHT, FAILED), path=EVIL),
        Graded(evil, EVIL, "failed", 0.0, 0.0, note=EVIL),
    ]
    shown = page(lines, passed_over=[PassedOver(EVIL, EVIL)], unknown=[evil])
    honest = page(passed_over=[OLD], unknown=[ZOE])
    assert {tag for tag, _ in shown.elements} <= {tag for tag, _ in honest.elements}
    assert not [a for _, a in shown.elements for n in a if n.startswith("on") or n == "style"]
    assert len(shown.all("script")) == 1
    assert all(each.startswith(("#", "pages/0")) for each in shown.addresses())
    assert "<script>window.owned=1</script>" in shown.text


def test_no_id_is_there_twice() -> None:
    ids = page(large(40)).ids()
    assert len(ids) == len(set(ids))
