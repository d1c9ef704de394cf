"""Both pages as people meet them: on a screen, a phone and paper, by day and night, by key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from grader.records import Graded, PassedOver, Problem, Student
from grader.report.as_json import report_as_json
from grader.report.html import class_page, report_page
from tests.batch.grade_books import line
from tests.report.html.classes import OLD, SMALL, ZOE, large, link
from tests.report.html.conftest import PHONE, SCREEN, Opened
from tests.report.html.pages import EVIL, poisoned
from tests.report.html.test_page import FULL
from tests.report.reports import MODEL, with_exercise

REPORT = report_page(report_as_json(FULL), "../index.html")
CLASS = class_page(SMALL, link, [OLD], [ZOE])
WAYS = {
    "day": {"color_scheme": "light"},
    "night": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
    "phone at night": {"viewport": PHONE, "color_scheme": "dark"},
    "high contrast": {"forced_colors": "active"},
}
STUDENTS = "#students tbody tr"


def shown_names(page: Page) -> list[str]:
    """Of students, in the order that is shown."""
    script = f"""Array.from(document.querySelectorAll("{STUDENTS}:not([hidden])"),
        (row) => row.querySelector("th bdi").textContent)"""
    found: list[str] = page.evaluate(script)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("content", [REPORT, CLASS], ids=["report", "class"])
def test_axe_finds_nothing_that_keeps_anybody_out(opened: Opened, content: str, way: str) -> None:
    page = opened(content, **WAYS[way])
    for details in page.locator("summary").all():
        details.click()
    assert Axe().run(page).generate_report().startswith("Found 0 accessibility violations")


@pytest.mark.parametrize("content", [REPORT, CLASS], ids=["report", "class"])
def test_a_phone_scrolls_down_and_never_sideways(opened: Opened, content: str) -> None:
    page = opened(content, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_long_names_break_and_do_not_push_a_phone_sideways(opened: Opened) -> None:
    long = "Very" + "Long" * 60
    layers = tuple(
        replace(layer, name=long, type=long, output_shapes=((1024, 1024, 2048),))
        for layer in MODEL.layers
    )
    report = with_exercise(
        title=long, found=long, assumptions=(long,), model=replace(MODEL, layers=layers)
    )
    plain = report_as_json(replace(report, title=long, path=long, assignment=long))
    lines = [Graded(Student("1", long), long, "needs_review", 1.0, 2.0, note=long, report=plain)]
    for content in (report_page(plain), class_page(lines, link)):
        page = opened(content, viewport=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_phone_shows_the_layers_whole(opened: Opened) -> None:
    page = opened(REPORT, viewport=PHONE)
    for scroller in page.locator(".scroller:has(.layers)").all():
        assert scroller.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0


@pytest.mark.parametrize("content", [REPORT, CLASS], ids=["report", "class"])
def test_the_night_is_dark_and_paper_is_white(opened: Opened, content: str) -> None:
    page = opened(content, color_scheme="dark")

    def lightness() -> int:
        script = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
        return sum(page.evaluate(script)) // 3

    assert lightness() < 40
    page.emulate_media(media="print")
    assert lightness() == 255
    assert page.pdf()[:5] == b"%PDF-"


def test_paper_shows_what_a_screen_folds_away(opened: Opened) -> None:
    page = opened(REPORT)
    epochs = page.get_by_text("Epochs of seed 1")
    assert not epochs.is_visible()
    page.emulate_media(media="print")
    assert epochs.bounding_box() is not None


def test_every_part_of_a_drawing_has_a_colour_by_day_and_by_night(opened: Opened) -> None:
    for scheme in ("light", "dark"):
        page = opened(REPORT, color_scheme=scheme)
        script = """(nodes) => nodes.map((node) => {
            const style = getComputedStyle(node);
            return [style.fill, style.stroke];
        })"""
        drawn = page.locator(".volume polygon, .chart [stroke^=var], .chart text")
        paints = drawn.evaluate_all(script)
        assert len(paints) > 40
        assert not [paint for paint in paints if paint == ["none", "none"]]
        words = page.locator(".chart text").first.evaluate("(t) => getComputedStyle(t).fill")
        assert words == page.evaluate("getComputedStyle(document.body).color")


def test_the_wrong_layer_is_marked_by_more_than_colour(opened: Opened) -> None:
    page = opened(REPORT)
    wrong = page.locator(".way li.wrong")
    expect(wrong).to_have_count(1)
    assert "✗ expected 26×26×24" in wrong.inner_text()
    expect(wrong.locator("polygon[fill^=url]")).to_have_count(2)
    expect(wrong.locator(".asked polygon")).to_have_count(3)
    expect(
        page.get_by_role("img", name="28×28×24, beside it the expected 26×26×24")
    ).to_be_visible()


def test_nothing_moves(opened: Opened) -> None:
    for content in (REPORT, CLASS):
        page = opened(content)
        script = """Array.from(document.querySelectorAll("*"), (one) => getComputedStyle(one))
            .every((style) => style.transitionDuration === "0s" && style.animationName === "none"
                && style.scrollBehavior === "auto")"""
        assert page.evaluate(script)


def test_no_script_of_a_strangers_runs_in_a_report(opened: Opened) -> None:
    report = poisoned(report_as_json(FULL))
    problem = {"kind": EVIL, "message": EVIL, "cell": 1, "line": 2, "source": EVIL}
    report["exercises"].append({**report["exercises"][0], "error": problem})
    page = opened(report_page(report))
    assert page.locator("script, img, base, iframe, svg[onload]").count() == 0
    assert page.locator("style").count() == 1
    assert page.locator("a[href*=javascript]").count() == 0
    assert "<script>window.owned=1</script>" in page.inner_text("body")


def test_no_script_of_a_strangers_runs_in_a_class(opened: Opened) -> None:
    evil = Student(EVIL, EVIL, EVIL)
    report = poisoned(line(evil).report)
    lines = [
        *(Graded(evil, EVIL, "graded", 1.0, 2.0, note=EVIL, report=report) for _ in range(3)),
        Graded(evil, EVIL, "failed", 0.0, 0.0, note=EVIL),
    ]
    page = opened(class_page(lines, link, [PassedOver(EVIL, EVIL)], [evil]))
    assert page.locator("script").count() == 1
    assert page.locator("img, base, iframe, svg[onload]").count() == 0
    page.get_by_role("button", name="Student").click()
    page.locator("#find").fill("window.owned")
    expect(page.locator("#count")).to_have_text("4 of 4")


def test_a_script_that_got_in_would_not_run(browser: Any, tmp_path: Any) -> None:
    path = tmp_path / "page.html"
    injected = "<script>window.owned=1</script><p style='color:red' onclick='window.owned=2'>x</p>"
    path.write_text(REPORT.replace("</main>", f"{injected}</main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.get_by_text("x", exact=True).click()
    assert page.evaluate("window.owned") is None
    page.close()


def test_students_sort_by_key_and_say_so(opened: Opened) -> None:
    page = opened(class_page(large(30), link))
    points = page.get_by_role("button", name="Points")
    head = page.locator("th", has=points)
    points.focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    scores = page.locator(f"{STUDENTS} td:nth-child(2)").all_inner_texts()
    assert [text.split(" / ")[0] for text in scores] == sorted(
        (text.split(" / ")[0] for text in scores), key=int, reverse=True
    )
    page.keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(points).to_be_focused()
    page.get_by_role("button", name="Student").click()
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    assert shown_names(page) == [f"Student {number}" for number in range(30)]


def test_equal_scores_keep_the_order_that_was_there(opened: Opened) -> None:
    page = opened(class_page(large(30), link))
    page.get_by_role("button", name="Student").click()
    page.get_by_role("button", name="Points").click()
    best = [name for name, row in zip(shown_names(page), range(6), strict=False) if row < 6]
    assert best == sorted(best, key=lambda name: int(name.split()[1]))


def test_who_has_no_score_comes_last(opened: Opened) -> None:
    page = opened(CLASS)
    page.get_by_role("button", name="Points").click()
    assert set(shown_names(page)[-2:]) == {"Student 6", "Student 7"}


def test_students_are_found_as_one_types_and_counted(opened: Opened) -> None:
    page = opened(class_page(large(30), link))
    count = page.locator("#count")
    expect(count).to_have_text("30 of 30")
    expect(count).to_have_attribute("aria-live", "polite")
    page.locator("#find").press_sequentially("student 2")
    expect(count).to_have_text("11 of 30")
    assert set(shown_names(page)) == {"Student 2", *(f"Student {n}" for n in range(20, 30))}
    page.locator("#find").fill("nobody")
    expect(count).to_have_text("0 of 30")
    page.get_by_role("button", name="Show all").click()
    expect(count).to_have_text("30 of 30")


def test_students_are_found_by_status(opened: Opened) -> None:
    page = opened(CLASS)
    page.locator("#status").select_option(label="missing (1)")
    assert shown_names(page) == ["Student 6"]
    expect(page.locator("#count")).to_have_text("1 of 7")


def test_a_network_shows_who_handed_it_in(opened: Opened) -> None:
    page = opened(CLASS)
    button = page.get_by_role("button", name="Show in the table network 2 of")
    button.focus()
    page.keyboard.press("Enter")
    assert shown_names(page) == ["Student 3"]
    expect(page.locator("#network")).to_be_focused()
    page.locator("#network").select_option("")
    expect(page.locator("#count")).to_have_text("7 of 7")


def test_links_lead_to_a_student_and_back(opened: Opened) -> None:
    page = opened(REPORT, name="pages/0001.html")
    page = opened(CLASS, name="index.html")
    page.locator("#students").get_by_role("link", name="Ann Ames").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A small CNN for handwritten digits")
    page.get_by_role("link", name="The class").click()
    expect(page.get_by_role("heading", name="Students")).to_be_visible()


def test_every_control_is_reached_by_tab_and_seen(opened: Opened) -> None:
    page = opened(CLASS)
    script = """() => {
        const one = document.activeElement;
        const style = getComputedStyle(one);
        return [one.tagName + "#" + one.id + " " + one.textContent.trim().slice(0, 30),
            parseFloat(style.outlineWidth)];
    }"""
    reached = {}
    for _ in range(80):
        page.keyboard.press("Tab")
        name, width = page.evaluate(script)
        if name.startswith("BODY"):
            break
        reached[name] = width
    told = " ".join(reached)
    for control in ("BUTTON# Student", "INPUT#find", "SELECT#status", "BUTTON# Show all", "A# Bob"):
        assert control in told, control
    assert min(reached.values()) >= 2


def test_three_thousand_students_are_sorted_and_found(opened: Opened) -> None:
    page = opened(class_page(large(3000), link))
    expect(page.locator("#count")).to_have_text("3,000 of 3,000")
    page.get_by_role("button", name="Student").click()
    assert shown_names(page) == [f"Student {number}" for number in range(3000)]
    page.locator("#find").fill("student 299")
    expect(page.locator("#count")).to_have_text("11 of 3,000")
    page.locator("#find").fill("")
    page.locator("#network").select_option(index=1)
    expect(page.locator("#count")).to_have_text("600 of 3,000")


def test_the_table_is_all_there_without_a_script(opened: Opened) -> None:
    page = opened(CLASS, java_script_enabled=False)
    expect(page.locator(STUDENTS)).to_have_count(7)
    expect(page.locator("#filters")).to_be_hidden()


def test_an_error_page_opens(opened: Opened) -> None:
    problem = Problem("raised", "It has no argument.", cell=3, line=7, source="  " + "x" * 300)
    report = with_exercise(error=problem, model=None, training=None)
    page = opened(report_page(report_as_json(report)), viewport=SCREEN)
    expect(page.get_by_role("heading", name="Error while running: cell 3, line 7")).to_be_visible()
    assert Axe().run(page).generate_report().startswith("Found 0 accessibility violations")
