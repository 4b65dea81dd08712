"""Which versions of the Terms and of the privacy policy are in force; what people accepted is stored as these texts.

A version is the date of the document's last material change. Changing one asks nobody anything by itself: that is for
whoever publishes the change.
"""

TERMS_VERSION = "2026-11-26"
POLICY_VERSION = "2026-11-26"
LEAST_AGE = "13"  # years; who signs up says that they are at least this old
