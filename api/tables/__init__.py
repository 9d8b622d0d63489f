"""Every table of the server. Instants are stored as milliseconds since 1970 so that both databases compare them alike."""

from api.tables import (
    at_rest,
    audit,
    backups,
    credentials,
    devices,
    disclosures,
    invitations,
    openid,
    paging,
    people,
    quarantine,
    records,
    retention,
    rota,
    rules,
    second_person,
)

__all__ = [
    "at_rest", "audit", "backups", "credentials", "devices", "disclosures", "invitations", "openid", "paging", "people",
    "quarantine", "records", "retention", "rota", "rules", "second_person",
]  # fmt: skip
