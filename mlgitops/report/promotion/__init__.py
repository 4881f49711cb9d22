"""What is told of releases: the pull request's text, the history, the audit and the comparison. Pure."""
