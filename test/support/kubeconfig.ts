/** A kubeconfig of one cluster. Of several contexts none is the current one. */
export function kubeconfigOf(
  cluster: { readonly server: string; readonly [field: string]: unknown },
  { user = {}, contexts = ['prod'] }: { readonly user?: object; readonly contexts?: readonly string[] } = {},
): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    ...(contexts.length === 1 ? { 'current-context': contexts[0] } : {}),
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
  });
}
