"""What ``evidence add`` and ``evaluate`` do: measure, or read what others measured, and write it beside the spec."""
