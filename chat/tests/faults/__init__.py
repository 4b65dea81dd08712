"""What must not be lost when something breaks: real processes, killed and restarted amid answers, and who reads them.

That silence of a provider ends an answer takes 90 s: `test_provider_anthropic` has it, with less patience.
"""
