"""Shifts: the rota as it is kept, asked for and changed. Who is on call is `api.rota`'s to say."""
