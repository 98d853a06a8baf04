// Command oci-registry serves an empty registry on loopback that keeps all in memory and knows the list of
// referrers of version 1.1 of the distribution specification, which `crane registry serve` does not.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	address := flag.String("address", "127.0.0.1:5000", "where to listen")
	flag.Parse()
	handler := registry.New(registry.WithReferrersSupport(true))
	log.Fatal(http.ListenAndServe(*address, handler))
}
