"""The versions of what people agree to; a new text gets a new date."""

TERMS_VERSION = "2026-11-26"
POLICY_VERSION = "2026-11-26"
