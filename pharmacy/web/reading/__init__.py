"""What the pages read. Reading changes nothing, waits for no writer, and is bounded."""
