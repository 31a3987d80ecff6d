"""HL7 in: stored first, then understood, then applied once."""

from pharmacy.services.office import Office


def receive_hl7(office: Office, raw: bytes, source: str) -> bytes:
    """Store, understand, apply, answer; see `Services.receive_hl7`."""
    raise NotImplementedError
