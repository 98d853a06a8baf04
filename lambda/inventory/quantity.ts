/**
 * `<signedNumber><suffix>`; the suffixes n and u are read, too.
 * Source: kubernetes staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go (the grammar of Quantity) and suffix.go.
 */
const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** The sign of a Kubernetes quantity such as 1Gi; `null` for a text that is none, which no API server stores. */
export function signOfQuantity(text: string): -1 | 0 | 1 | null {
  const [, sign, digits] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return null;
  if (!/[1-9]/.test(digits)) return 0;
  return sign === '-' ? -1 : 1;
}
