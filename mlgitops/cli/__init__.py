"""The command line: one file a verb. Arguments become one workflow, its result becomes text and an exit code."""
