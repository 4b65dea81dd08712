"""Goals, verdicts and the document."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench import goals, report
from bench.__main__ import _conclude
from bench.goals import GOALS, NAIVE_CPU_US, Verdict, judge

GOOD = {
    "bare.cpu_us": 38.0,
    "naive.cpu_us": NAIVE_CPU_US,
    "product.cpu_us": 160.0,
    "prose.cpu_us": 150.0,
    "html.cpu_us": 180.0,
    "product.first_p50_ms": 7.0,
    "product.first_p95_ms": 20.0,
    "product.p50_ms": 1.0,
    "product.p99_ms": 9.0,
    "product.streams": 220,
    "naive.streams": 64,
    "product.flood": 80_000,
    "naive.flood": 6_600,
    "product.idle_kib": 39,
    "product.stream_kib": 100,
    "product.deaf_kib": 300,
    "product.message_us": 5_000,
    "ledger.rate": 600,
    "ledger.deadlocks": 0,
    "purge.rate": 120_000,
    "purge.worst_ms": 30,
    "page.ms": 1.2,
    "history.ms": 9,
    "product.stalls": 0,
}


def words(**changed: float) -> dict[tuple[str, str], str]:
    return {(one.goal.code, one.goal.unit): one.word for one in judge(GOOD | changed)}


def test_every_goal_of_the_list_has_a_line() -> None:
    assert {goal.code for goal in GOALS} == {f"G{number}" for number in range(1, 13)}


def test_good_numbers_miss_nothing() -> None:
    assert not [one for one in judge(GOOD) if one.fails]
    assert words()["G1", "x bare"] == "goal met"
    assert words(**{"product.cpu_us": 200.0})["G1", "x bare"] == "must met"
    assert words(**{"product.cpu_us": 240.0})["G1", "x bare"] == "MISSED"


def test_least_and_most_are_told_apart() -> None:
    assert words(**{"product.streams": 149})["G4", ""] == "MISSED"
    assert words(**{"product.stalls": 1})["G11", ""] == "MISSED"
    assert words(**{"purge.rate": 1})["G9", ""] == "missed (not asked for yet)"


def test_html_is_compared_with_the_same_words_as_text() -> None:
    extra = next(one for one in judge(GOOD) if one.goal.code == "G12")
    assert extra.measured == pytest.approx(30 / 38)


def test_a_message_is_counted_without_its_tokens() -> None:
    message = next(one for one in judge(GOOD) if one.goal.code == "G7")
    assert message.measured == pytest.approx((5_000 - 2 * 160) / 1_000)


def test_a_slow_machine_eases_what_processor_time_decides_and_a_fast_one_nothing() -> None:
    slow = {"naive.cpu_us": 2 * NAIVE_CPU_US, "product.streams": 80, "product.first_p50_ms": 23.0}
    assert (words(**slow)["G4", ""], words(**slow)["G2", "ms"]) == ("must met", "goal met")
    assert goals.slowness({"naive.cpu_us": 100.0}) == 1.0
    assert words(**{"naive.cpu_us": 400.0, "product.streams": 149})["G4", ""] == "MISSED"


def test_what_was_not_measured_is_said_and_does_not_fail() -> None:
    found = list(judge({}))
    assert {one.word for one in found} == {"not measured"}
    assert not any(one.fails for one in found)


def test_the_exit_code_names_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _conclude(list(judge(GOOD))) == 0
    assert _conclude(list(judge({**GOOD, "ledger.deadlocks": 2}))) == 1
    assert "G8 (deadlocks" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (math.nan, "-"), (0, "0"), (0.256, "0.26"), (12.34, "12.3"), (463.2, "463"), (70_000, "70,000")],
)
def test_figures_have_the_digits_they_deserve(value: float | None, text: str) -> None:
    assert report.figure(value) == text


def test_a_table_is_aligned() -> None:
    assert report.table(("a", "bb"), [("ccc", "d")]) == "| a   | bb |\n|-----|----|\n| ccc | d  |"


def test_what_people_wrote_below_the_tables_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "benchmarks.md")
    verdicts: list[Verdict] = list(judge(GOOD))
    report.write(report.document(GOOD, verdicts, {"Run": "full"}, ["A remark."]))
    (tmp_path / "benchmarks.md").write_text(
        report.DOCUMENT.read_text(encoding="utf-8") + "\nHot spots.\n", encoding="utf-8"
    )
    report.write(report.document(GOOD | {"product.cpu_us": 77}, verdicts, {"Run": "full"}, []))
    written = report.DOCUMENT.read_text(encoding="utf-8")
    assert written.endswith(f"{report.KEPT}\n\nHot spots.\n")
    assert "A remark." not in written
    assert "| product | 77" in written
