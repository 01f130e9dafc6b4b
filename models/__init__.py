"""What looks at pixels, and what was learned. No database, web, clock or network."""

from models.telemetry import disable_telemetry

disable_telemetry()
