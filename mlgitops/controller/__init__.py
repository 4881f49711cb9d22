"""The controller: what a person does with plan, apply and wait, on a schedule and for many targets.

``server`` answers probes, scrapes and webhooks, ``webhook`` judges deliveries, ``metrics`` counts, ``log`` writes JSON
lines, ``telemetry`` gives spans where OpenTelemetry is installed.
"""
