"""The channels by which a message reaches somebody: Web Push, e-mail, SMS, voice, and a program's own webhook.

answers: what all of them take and give. switchboard: all of them behind one door. texts: every word they say.
push, email, telephone, webhook: one protocol each. posting, public and connections: how any of them speaks to the outside.
"""
