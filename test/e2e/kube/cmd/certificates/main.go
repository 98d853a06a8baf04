// Command certificates writes what a cluster needs to trust itself: a certificate authority, one
// certificate for every request line on standard input, and a key for service account tokens.
//
// A request is one JSON object a line:
//
//	{"name": "apiserver", "commonName": "kube-apiserver", "organization": [], "addresses": ["127.0.0.1"]}
//
// and becomes NAME.crt and NAME.key in the folder given as the only argument, beside ca.crt.
package main

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type certificateRequest struct {
	Name         string   `json:"name"`
	CommonName   string   `json:"commonName"`
	Organization []string `json:"organization"`
	Addresses    []string `json:"addresses"`
	DNSNames     []string `json:"dnsNames"`
}

// A test cluster lives for minutes; the margin before now covers a clock set back meanwhile.
const (
	validBefore = time.Hour
	validFor    = 24 * time.Hour
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: certificates FOLDER < requests")
	}
	folder := os.Args[1]

	caKey := newKey()
	caTemplate := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "kubernetes"},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	ca := sign(caTemplate, caTemplate, caKey.Public(), caKey)
	write(folder, "ca.crt", "CERTIFICATE", ca.Raw)
	writeKey(folder, "service-accounts.key", newKey())

	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var request certificateRequest
		check(json.Unmarshal(lines.Bytes(), &request))
		key := newKey()
		leaf := sign(leafTemplate(request), ca, key.Public(), caKey)
		write(folder, request.Name+".crt", "CERTIFICATE", leaf.Raw)
		writeKey(folder, request.Name+".key", key)
	}
	check(lines.Err())
}

func leafTemplate(request certificateRequest) *x509.Certificate {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: request.CommonName, Organization: request.Organization},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    request.DNSNames,
	}
	for _, address := range request.Addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	return template
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	check(err)
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-validBefore)
	template.NotAfter = time.Now().Add(validFor)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	check(err)
	certificate, err := x509.ParseCertificate(der)
	check(err)
	return certificate
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	return key
}

func writeKey(folder, name string, key *ecdsa.PrivateKey) {
	der, err := x509.MarshalECPrivateKey(key)
	check(err)
	write(folder, name, "EC PRIVATE KEY", der)
}

func write(folder, name, kind string, der []byte) {
	content := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	check(os.WriteFile(filepath.Join(folder, name), content, 0o600))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
