"""What happens to sign-ins, for the rooms above: they close sockets, mails go out, cases are noted.

All are sent after the transaction.
"""

from django.dispatch import Signal

family_began = Signal()  # family: TokenFamily, is_first: whether the person just signed up
family_ended = Signal()  # user: UUID, family: UUID
family_stolen = Signal()  # family: TokenFamily; it has ended already
signup_matched = (
    Signal()
)  # user: User, evidence: str (a reference such as `cluster:<id>`); looks like another's account
disposable_mail_used = Signal()  # user: User, evidence: str (a reference; never the address or its domain)
