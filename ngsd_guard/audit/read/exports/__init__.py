"""A log in formats that other systems read, and records as live OpenTelemetry."""
