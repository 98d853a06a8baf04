import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A certificate that the cluster's authority signs, for a server or a client. */
export interface CertificateRequest {
  readonly name: string;
  /** As a client, its user name in Kubernetes. */
  readonly commonName: string;
  /** As a client, its groups in Kubernetes. */
  readonly organization?: readonly string[];
  readonly addresses?: readonly string[];
  readonly dnsNames?: readonly string[];
}

export interface CertificateFolder {
  readonly folder: string;
  readonly caFile: string;
  /** The cluster's certificate authority, PEM. */
  readonly ca: string;
  certFile(name: string): string;
  keyFile(name: string): string;
  /** Certificate and key as PEM. */
  pair(name: string): Promise<{ readonly cert: string; readonly key: string }>;
}

/** Makes a certificate authority, what it signs, and `service-accounts.key`. */
export async function makeCertificates(
  program: string,
  folder: string,
  requests: readonly CertificateRequest[],
): Promise<CertificateFolder> {
  await mkdir(folder, { recursive: true });
  const child = spawn(program, [folder], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const [code] = await once(child, 'exit');
  if (code !== 0) {
    throw new Error(`The certificates of the test cluster could not be made: exit code ${code}.`);
  }
  const file = (name: string) => join(folder, name);
  return {
    folder,
    caFile: file('ca.crt'),
    ca: await readFile(file('ca.crt'), 'utf8'),
    certFile: (name) => file(`${name}.crt`),
    keyFile: (name) => file(`${name}.key`),
    pair: async (name) => ({
      cert: await readFile(file(`${name}.crt`), 'utf8'),
      key: await readFile(file(`${name}.key`), 'utf8'),
    }),
  };
}
