"""HL7 messages for the demo: our own ward, or third-party messages changed by a manifest."""
