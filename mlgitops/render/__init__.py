"""From resolved specs to manifests: one module for each kind of workload, one for each cloud. Pure.

What a webhook or a controller owns (status, defaulted fields, Kueue's ``suspend``) is never rendered: that is where
differences that never end come from.
"""
