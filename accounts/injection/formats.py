"""Tokens of chat formats in what a person wrote, or in a file: they pretend that the system or the model speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accounts.injection.findings import Finding

# Each pattern is linear: nothing in it repeats without a bound.
RULES: tuple[tuple[str, int, re.Pattern[str]], ...] = (
    ("format.chatml_system", 45, re.compile(r"<\|(?:im_start|start_header_id)\|>\s{0,4}system")),
    ("format.chatml", 10, re.compile(r"<\|(?:im_start|im_end|start_header_id|eot_id|endoftext)\|>")),
    ("format.sys", 25, re.compile(r"<<sys>>")),
    ("format.inst", 10, re.compile(r"\[/?inst\]")),
    (
        "format.heading",
        35,
        re.compile(r"^[ \t]{0,4}#{2,4} ?(?:system|instruction)s?(?: message| prompt)? ?:", re.MULTILINE),
    ),
    ("format.role_json", 25, re.compile(r"[\"']role[\"']\s{0,4}:\s{0,4}[\"'](?:system|developer)[\"']")),
    ("format.closing", 25, re.compile(r"</(?:document|context|user_input|untrusted|file|data|quote)>")),
    ("format.tool", 15, re.compile(r"<(?:tool_result|function_results?|tool_output|tool_response)>")),
    (
        "format.exfiltration_of",
        25,
        re.compile(r"=[\[{<][^\]}>\n]{0,80}(?:prompt|conversation|secret|history|password|email)"),
    ),
    ("format.exfiltration", 30, re.compile(r"!\[[^\]\n]{0,80}\]\(https?://[^)\s]{1,200}=[\[{<$]")),
    ("format.system_bracket", 25, re.compile(r"^[ \t>]{0,4}\[system\][ \t]?:", re.MULTILINE)),
    ("format.system_line", 15, re.compile(r"^[ \t>]{0,4}system[ \t]?:[ \t]{1,4}\S", re.MULTILINE)),
)
ASSISTANT_LINE = re.compile(r"^[ \t]{0,4}(?:assistant|ai)[ \t]?:[ \t]{0,4}([^\n]{0,200})", re.MULTILINE)
CONSENT = re.compile(
    r"(?:rule|restriction|filter|guideline|limit)s (?:are|were|have been) (?:now )?"
    r"(?:dropped|removed|lifted|off|gone|disabled|void|suspended)"
    r"|answer anything|i will now answer|without (?:any )?restrictions|no longer bound"
)


def findings(text: str) -> Iterator[Finding]:
    """Look for format tokens in a plain text."""
    if "<" in text or "[" in text or ":" in text:
        for rule, points, pattern in RULES:
            if pattern.search(text):
                yield Finding(rule, points)
        yield from _put_into_its_mouth(text)


def _put_into_its_mouth(text: str) -> Iterator[Finding]:
    """An invented answer in which the model agrees; transcripts alone are ordinary."""
    for count, found in enumerate(ASSISTANT_LINE.finditer(text)):
        if count >= 50:
            return
        if CONSENT.search(found[1]):
            yield Finding("format.false_consent", 50)
            return
