"""Anthropic's Messages API as a stand-in; `python -m chat.tests.standins.anthropic` runs it as a process."""

from __future__ import annotations

from chat.tests.standins.anthropic_rules import problem_of
from chat.tests.standins.anthropic_scenarios import SCENARIOS, error
from chat.tests.standins.server import Problem, Received, Reply, StandIn, serve


class AnthropicStandIn(StandIn):
    """Stands in for Anthropic's Messages API."""

    name = "anthropic"
    key = "sk-ant-stand-in"
    scenarios = SCENARIOS

    def problem_of(self, request: Received) -> Problem | None:
        return problem_of(request, self.key)

    async def refuse(self, reply: Reply, problem: Problem) -> None:
        await error(reply, problem.status, problem.type, problem.message)


if __name__ == "__main__":
    serve(AnthropicStandIn)
