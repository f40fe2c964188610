"""Exports of a log to other formats, and live records to OpenTelemetry."""
