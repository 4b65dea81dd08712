"""`manage.py score_prompts FOLDER`: what the injection detector says of any texts, without showing them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.injection import SUSPICIOUS_AT, Verdict, judge


class Command(BaseCommand):
    help = (
        "Judge every text below FOLDER (or in one file): a .json file holds a list of strings, any other file one text "
        "a line. Prints counts, rates and the rules that spoke, per file and together."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--at", type=int, default=SUSPICIOUS_AT, help="points from which a text is suspicious")
        parser.add_argument("--show", action="store_true", help="print the suspicious texts too")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.exists():
            raise CommandError(f"There is no {folder}.")
        found: list[Verdict] = []
        for file in sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]:
            found += self._judge_file(file, options["at"], is_shown=options["show"])
        self._report("all", found, options["at"])

    def _judge_file(self, file: Path, at: int, *, is_shown: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for text in texts_of(file):
            verdict = judge(text)
            verdicts.append(verdict)
            if is_shown and verdict.score >= at:
                self.stdout.write(f"  {verdict.score} {' '.join(verdict.reasons)}: {text}")
        self._report(file.name, verdicts, at)
        return verdicts

    def _report(self, name: str, verdicts: list[Verdict], at: int) -> None:
        flagged = [verdict for verdict in verdicts if verdict.score >= at]
        rate = 100 * len(flagged) / len(verdicts) if verdicts else 0.0
        self.stdout.write(f"{name}: {len(flagged)} of {len(verdicts)} suspicious ({rate:.1f} %)")
        reasons = Counter(reason for verdict in flagged for reason in verdict.reasons)
        for reason, count in reasons.most_common():
            self.stdout.write(f"  {reason}: {count}")


def texts_of(file: Path) -> Iterator[str]:
    """Read one file's texts; raises CommandError, which quotes none of them."""
    try:
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{file.name} is not UTF-8.") from None
    if file.suffix != ".json":
        yield from (line for line in content.splitlines() if line.strip())
        return
    try:
        texts = json.loads(content)
    except ValueError:
        raise CommandError(f"{file.name} is not JSON.") from None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise CommandError(f"{file.name} is not a list of strings.")
    yield from texts
