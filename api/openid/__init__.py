"""Signing in through an agency's own identity provider: OpenID Connect, authorization code with PKCE.

It opens a session and nothing else: what lies on the phone is unlocked there, and nobody gets an account by it. Whose
subject at a provider is whose account is decided by that person, signed in here, and by no mail address or name.
"""
