"""An advisory detector of messages that are built to override a model's instructions: a score and reasons, no wall."""

from accounts.injection.judging import LONGEST, SUSPICIOUS_AT, Verdict, judge

__all__ = ["LONGEST", "SUSPICIOUS_AT", "Verdict", "judge"]
