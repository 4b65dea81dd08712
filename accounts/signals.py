"""What happens to sign-ins, for the rooms above: they close sockets, mails go out, cases are noted.

The first three are sent after the transaction.
"""

from django.dispatch import Signal

family_began = Signal()  # family: TokenFamily
family_ended = Signal()  # user: UUID, family: UUID
family_stolen = Signal()  # family: TokenFamily; it has ended already

# A sign-up that has something in common with others. Sent inside the sign-up's transaction, unlike those above.
signup_matched = Signal()  # user: User, kind: "duplicate_account" or "disposable_mail", evidence: "signup:<uuid>", now
