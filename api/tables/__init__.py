"""Every table of the server. Instants are stored as milliseconds since 1970 so that both databases compare them alike."""

from api.tables import audit, devices, paging, people, records, rota, rules

__all__ = ["audit", "devices", "paging", "people", "records", "rota", "rules"]
