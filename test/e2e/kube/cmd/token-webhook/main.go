// Command token-webhook authenticates bearer tokens as Amazon EKS does.
//
// The verification is aws-iam-authenticator's own (pkg/token): prefix, presigned GetCallerIdentity,
// allowed query parameters, x-k8s-aws-id signed, at most 15 minutes old. It sends the request with
// the cluster's name in x-k8s-aws-id, as the original does, so a token signed for another cluster
// is refused by STS. Only the way to STS differs: every connection goes to the STS given by --sts.
//
// Who the caller is in Kubernetes is read from a file of access entries, on every request, so that
// a test can add and remove entries while the cluster runs.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"net/url"

	authentication "k8s.io/api/authentication/v1"
	"sigs.k8s.io/aws-iam-authenticator/pkg/token"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	certificate := flag.String("tls-cert-file", "", "serving certificate (PEM)")
	key := flag.String("tls-private-key-file", "", "key of the serving certificate (PEM)")
	cluster := flag.String("cluster", "", "name of the EKS cluster that tokens must be signed for")
	partition := flag.String("partition", "aws", "AWS partition of the cluster")
	region := flag.String("region", "us-east-1", "AWS region of the cluster")
	sts := flag.String("sts", "", "URL of the STS that is asked in place of the public ones")
	entries := flag.String("access-entries", "", "JSON file: [{principalArn, kubernetesGroups}]")
	flag.Parse()

	endpoint, err := url.Parse(*sts)
	if err != nil || endpoint.Host == "" || *cluster == "" || *entries == "" {
		log.Fatal("token-webhook needs --cluster, --access-entries and --sts with a URL")
	}
	// The verifier takes no HTTP client: it uses the default transport.
	http.DefaultTransport = &stsTransport{endpoint: endpoint, next: http.DefaultTransport}

	verifier := token.NewVerifier(*cluster, *partition, *region)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	http.HandleFunc("/authenticate", func(w http.ResponseWriter, r *http.Request) {
		var review authentication.TokenReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, "the body is not a TokenReview: "+err.Error(), http.StatusBadRequest)
			return
		}
		review.Status = authenticate(verifier, *entries, review.Spec.Token)
		review.Spec = authentication.TokenReviewSpec{}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(review)
	})
	log.Fatal(http.ListenAndServeTLS(*listen, *certificate, *key, nil))
}

// stsTransport sends what is meant for a public STS to the given one. The Host header stays the
// public name, because the caller signed it.
type stsTransport struct {
	endpoint *url.URL
	next     http.RoundTripper
}

func (t *stsTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	redirected := request.Clone(request.Context())
	redirected.Host = request.URL.Host
	redirected.URL.Scheme = t.endpoint.Scheme
	redirected.URL.Host = t.endpoint.Host
	return t.next.RoundTrip(redirected)
}

func authenticate(verifier token.Verifier, entriesFile, bearer string) authentication.TokenReviewStatus {
	identity, err := verifier.Verify(bearer)
	if err != nil {
		log.Printf("refused: %v", err)
		return authentication.TokenReviewStatus{Error: err.Error()}
	}
	groups, err := groupsOf(entriesFile, identity.CanonicalARN)
	if err != nil {
		log.Printf("refused: %v", err)
		return authentication.TokenReviewStatus{Error: err.Error()}
	}
	return authentication.TokenReviewStatus{
		Authenticated: true,
		User: authentication.UserInfo{
			// Without a name of its own, an access entry names the user after the caller's ARN.
			// https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
			Username: identity.ARN,
			UID:      "aws-iam-authenticator:" + identity.AccountID + ":" + identity.UserID,
			Groups:   groups,
			Extra: map[string]authentication.ExtraValue{
				"arn":          {identity.ARN},
				"canonicalArn": {identity.CanonicalARN},
				"sessionName":  {identity.SessionName},
				"accessKeyId":  {identity.AccessKeyID},
				"principalId":  {identity.UserID},
			},
		},
	}
}
