/**
 * The volume that admission adds to nearly every pod, with a generated name: `kube-api-access-` and five
 * random characters. Source: kubernetes plugin/pkg/admission/serviceaccount/admission.go
 * (ServiceAccountVolumeName, GenerateName) and apiserver/pkg/storage/names/generate.go.
 */
const PREFIX = 'kube-api-access-';

export const TOKEN_SUFFIX = 5;

const LENGTH = PREFIX.length + TOKEN_SUFFIX;

export function isTokenName(name: string): boolean {
  return name.length === LENGTH && name.startsWith(PREFIX);
}
