"""Networks and classifiers that measure photos. No database, web, clock or network."""

from presslens.models.telemetry import disable_telemetry

disable_telemetry()
