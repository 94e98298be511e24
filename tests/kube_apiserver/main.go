// Kubernetes' own API server, as tests/auth/test_real_kubernetes.py runs it. It has no release that a package
// registry carries, but its modules have: `make test-kubernetes` builds them.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
