/** Prints an ExecCredential with an EKS token, as `aws eks get-token` does; see kubeconfig.ts. */
import { readFile } from 'node:fs/promises';
import { eksToken } from './eks-token.ts';
import type { TokenSettings } from './kubeconfig.ts';

const settings = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as TokenSettings;
const now = Date.now();
const token = await eksToken({ ...settings, signedAt: new Date(now - settings.signedSecondsAgo * 1000) });
// The AWS CLI promises 14 minutes, whatever becomes of the token before.
const expirationTimestamp = new Date(now + 14 * 60_000).toISOString();
process.stdout.write(
  `${JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    status: { token, expirationTimestamp },
  })}\n`,
);
