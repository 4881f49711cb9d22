// Command testbed is a Kubernetes control plane in one program, for the tests: etcd, kube-apiserver,
// kube-controller-manager and kube-scheduler, each as its own project builds it.
//
//	testbed kube-apiserver --secure-port=6443 ...
//
// A link named after one of the four runs that one, so a directory of four links stands for the four programs.
// With TESTBED_EXIT_WITH_STDIN set the program ends when its standard input does, and so never outlives the test
// run that holds the other end, even where that one is killed.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// programs run on os.Args, whose first element is their own name, and return an exit code.
var programs = map[string]func() int{
	"etcd":                    func() int { etcdmain.Main(os.Args); return 0 },
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
}

func main() {
	program := choose()
	if program == nil {
		fmt.Fprintln(os.Stderr, "usage: testbed etcd|kube-apiserver|kube-controller-manager|kube-scheduler [flags]")
		os.Exit(2)
	}
	if os.Getenv("TESTBED_EXIT_WITH_STDIN") != "" {
		go exitWithStdin()
	}
	os.Exit(program())
}

// choose finds the program by the name this one was started under, else by its first argument, which it then drops.
func choose() func() int {
	if program, found := programs[filepath.Base(os.Args[0])]; found {
		return program
	}
	if len(os.Args) < 2 {
		return nil
	}
	os.Args = os.Args[1:]
	return programs[os.Args[0]]
}

func exitWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
