"""Moonshot's chat completions as a stand-in; `python -m chat.tests.standins.moonshot` runs it as a process."""

from __future__ import annotations

from chat.tests.standins.moonshot_rules import problem_of
from chat.tests.standins.moonshot_scenarios import SCENARIOS, error
from chat.tests.standins.server import Problem, Received, Reply, StandIn, serve


class MoonshotStandIn(StandIn):
    """Stands in for Moonshot's chat completions."""

    name = "moonshot"
    key = "sk-moonshot-stand-in"
    base_path = "/v1"
    scenarios = SCENARIOS

    def problem_of(self, request: Received) -> Problem | None:
        return problem_of(request, self.key)

    async def refuse(self, reply: Reply, problem: Problem) -> None:
        await error(reply, problem.status, problem.type, problem.message)


if __name__ == "__main__":
    serve(MoonshotStandIn)
