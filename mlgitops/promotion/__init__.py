"""How a release travels: splices between files, gates, evidence, and the trail that a promotion leaves in Git. Pure."""
