import { writeFile } from 'node:fs/promises';

export interface KubeconfigContent {
  readonly cluster: string;
  readonly server: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Writes a kubeconfig with one context, named like the cluster. JSON is YAML, so this is one. */
export async function writeKubeconfig(file: string, content: KubeconfigContent): Promise<void> {
  const { cluster, server, caFile, certFile, keyFile } = content;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    contexts: [{ name: cluster, context: { cluster, user: cluster } }],
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: cluster, user: { 'client-certificate': certFile, 'client-key': keyFile } }],
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}
