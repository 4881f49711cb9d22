// This file is added to each controller's own main package before it is built: with TESTBED_EXIT_WITH_STDIN set the
// program ends when its standard input does, and so never outlives the test run that holds the other end.
package main

import (
	"io"
	"os"
)

func init() {
	if os.Getenv("TESTBED_EXIT_WITH_STDIN") == "" {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}
