// Command runc-without-seccomp runs the runc beside it, without the seccomp profile that the kubelet
// asks for: a runc that is built from its Go module alone has no libseccomp and refuses profiles.
// What a container writes into its layer does not depend on one.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

func main() {
	if at := slices.Index(os.Args, "--bundle"); at >= 0 && at+1 < len(os.Args) {
		dropSeccomp(filepath.Join(os.Args[at+1], "config.json"))
	}
	self, err := os.Executable()
	check(err)
	runc := filepath.Join(filepath.Dir(self), "runc")
	check(syscall.Exec(runc, append([]string{runc}, os.Args[1:]...), os.Environ()))
}

// The runtime's configuration: https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md#seccomp
func dropSeccomp(file string) {
	content, err := os.ReadFile(file)
	check(err)
	var config map[string]json.RawMessage
	check(json.Unmarshal(content, &config))
	var linux map[string]json.RawMessage
	check(json.Unmarshal(config["linux"], &linux))
	delete(linux, "seccomp")
	config["linux"] = marshal(linux)
	check(os.WriteFile(file, marshal(config), 0o600))
}

func marshal(value any) []byte {
	content, err := json.Marshal(value)
	check(err)
	return content
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
