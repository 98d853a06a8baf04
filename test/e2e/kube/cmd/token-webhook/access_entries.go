package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// accessEntry is the part of an EKS access entry that decides who a principal is in Kubernetes.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_AccessEntry.html
type accessEntry struct {
	PrincipalArn     string   `json:"principalArn"`
	KubernetesGroups []string `json:"kubernetesGroups"`
}

// groupsOf returns the groups of the entry for the principal. A principal without an entry is not
// let in.
func groupsOf(file, principalArn string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the access entries cannot be read: %w", err)
	}
	var entries []accessEntry
	if err := json.Unmarshal(content, &entries); err != nil {
		return nil, fmt.Errorf("the access entries in %s cannot be parsed: %w", file, err)
	}
	for _, entry := range entries {
		if entry.PrincipalArn == principalArn {
			return entry.KubernetesGroups, nil
		}
	}
	return nil, fmt.Errorf("no access entry for %s", principalArn)
}
