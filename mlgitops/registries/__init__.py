"""Where training keeps its runs: read-only, to write down what a run measured."""
