import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;

/** PEM, as servers and kubeconfigs take it. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  /** PEM of the CA itself. */
  readonly ca: string;
  issue(subject: Subject): Promise<KeyAndCertificate>;
}

export interface Subject {
  readonly commonName: string;
  /** @defaultValue 127.0.0.1 and localhost */
  readonly names?: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[];
  /** Epoch milliseconds. @defaultValue tomorrow */
  readonly notAfter?: number;
  /** @defaultValue yesterday */
  readonly notBefore?: number;
}

/** A certificate authority that nobody trusts yet, as each cluster has one of its own. */
export async function anAuthority(name = 'test CA'): Promise<Authority> {
  const keys = await generateKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity({}),
    extensions: [new BasicConstraintsExtension(true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign)],
  });
  return { ca: root.toString('pem'), issue: (subject) => issue(subject, { root, keys }) };
}

async function issue(
  subject: Subject,
  { root, keys: signer }: { root: X509Certificate; keys: webcrypto.CryptoKeyPair },
): Promise<KeyAndCertificate> {
  const keys = await generateKeys();
  const names = subject.names ?? [
    { type: 'ip' as const, value: '127.0.0.1' },
    { type: 'dns' as const, value: 'localhost' },
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${subject.commonName}`,
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(subject),
    extensions: [new SubjectAlternativeNameExtension([...names])],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

function validity({ notBefore, notAfter }: Partial<Subject>): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(notBefore ?? Date.now() - DAY),
    notAfter: new Date(notAfter ?? Date.now() + DAY),
  };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
