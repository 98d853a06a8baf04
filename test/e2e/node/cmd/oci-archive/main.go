// Command oci-archive writes an OCI image layout as a tar file, for containerd to import: one layer with
// a program, a library of 1 MiB and the folders that a container needs.
//
//	oci-archive PROGRAM IMAGE OUT
//
// https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
package main

import (
	"archive/tar"
	"bytes"
	_ "crypto/sha256" // go-digest finds it only when it is there.
	"encoding/json"
	"log"
	"math/rand/v2"
	"os"
	"path"
	"runtime"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

const librarySize = 1 << 20

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: oci-archive PROGRAM IMAGE OUT")
	}
	program, err := os.ReadFile(os.Args[1])
	check(err)
	check(os.WriteFile(os.Args[3], archive(layer(program), os.Args[2]), 0o644))
}

func layer(program []byte) []byte {
	out := newTar()
	for _, folder := range []string{"dev", "etc", "proc", "sys", "tmp", "usr", "usr/lib", "var"} {
		out.folder(folder)
	}
	// The same bytes each time, so that the image keeps its digest.
	library := make([]byte, librarySize)
	source := rand.NewChaCha8([32]byte{})
	_, err := source.Read(library)
	check(err)
	out.file("usr/lib/libexample.so", library, 0o644)
	out.file("pod-program", program, 0o755)
	return out.close()
}

func archive(layer []byte, image string) []byte {
	platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	config := marshal(v1.Image{
		Platform: platform,
		Config:   v1.ImageConfig{Entrypoint: []string{"/pod-program"}, Cmd: []string{"hold"}},
		RootFS:   v1.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(layer)}},
	})
	manifest := marshal(v1.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: v1.MediaTypeImageManifest,
		Config:    descriptor(v1.MediaTypeImageConfig, config),
		Layers:    []v1.Descriptor{descriptor(v1.MediaTypeImageLayer, layer)},
	})
	entry := descriptor(v1.MediaTypeImageManifest, manifest)
	entry.Platform = &platform
	// containerd takes the name of the image from here.
	entry.Annotations = map[string]string{"io.containerd.image.name": image}
	index := marshal(v1.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: v1.MediaTypeImageIndex,
		Manifests: []v1.Descriptor{entry},
	})

	out := newTar()
	out.file(v1.ImageLayoutFile, marshal(v1.ImageLayout{Version: v1.ImageLayoutVersion}), 0o644)
	out.file(v1.ImageIndexFile, index, 0o644)
	for _, blob := range [][]byte{layer, config, manifest} {
		sum := digest.FromBytes(blob)
		out.file(path.Join(v1.ImageBlobsDir, sum.Algorithm().String(), sum.Encoded()), blob, 0o644)
	}
	return out.close()
}

func descriptor(mediaType string, content []byte) v1.Descriptor {
	return v1.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
}

type tarFile struct {
	buffer *bytes.Buffer
	writer *tar.Writer
}

func newTar() tarFile {
	buffer := &bytes.Buffer{}
	return tarFile{buffer, tar.NewWriter(buffer)}
}

func (t tarFile) folder(name string) {
	check(t.writer.WriteHeader(&tar.Header{Name: name + "/", Typeflag: tar.TypeDir, Mode: 0o755}))
}

func (t tarFile) file(name string, content []byte, mode int64) {
	check(t.writer.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: mode}))
	_, err := t.writer.Write(content)
	check(err)
}

func (t tarFile) close() []byte {
	check(t.writer.Close())
	return t.buffer.Bytes()
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
