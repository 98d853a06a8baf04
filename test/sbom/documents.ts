/** Small documents of each shape; a test gives the packages. */

export interface Listed {
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
}

export const spdx2 = (packages: readonly Listed[], version = 'SPDX-2.3'): object => ({
  spdxVersion: version,
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'an image',
  packages: packages.map(({ name, version: versionInfo, purl }, index) => ({
    name,
    SPDXID: `SPDXRef-Package-${index}`,
    versionInfo: versionInfo ?? 'NOASSERTION',
    downloadLocation: 'NOASSERTION',
    externalRefs:
      purl === undefined
        ? []
        : [
            { referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:x:x' },
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
          ],
  })),
  relationships: packages.map((_, index) => ({
    spdxElementId: `SPDXRef-Package-${index}`,
    relationshipType: 'DEPENDS_ON',
    relatedSpdxElement: `SPDXRef-Package-${(index + 1) % packages.length}`,
  })),
});

export const spdx3 = (packages: readonly Listed[]): object => ({
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'CreationInfo', '@id': '_:creation', specVersion: '3.0.1', created: '2026-01-01T00:00:00Z' },
    { type: 'SpdxDocument', spdxId: 'https://example.com/doc', name: 'an image', creationInfo: '_:creation' },
    ...packages.map(({ name, version, purl }, index) => ({
      type: 'software_Package',
      spdxId: `https://example.com/package/${index}`,
      name,
      ...(version === undefined ? {} : { software_packageVersion: version }),
      ...(purl === undefined ? {} : { software_packageUrl: purl }),
    })),
    { type: 'software_File', spdxId: 'https://example.com/file', name: '/etc/passwd' },
  ],
});

export const cycloneDx = (packages: readonly Listed[], specVersion = '1.6'): object => ({
  bomFormat: 'CycloneDX',
  specVersion,
  metadata: { component: { type: 'container', name: 'an image' } },
  components: packages.map((one) => ({ type: 'library', ...one })),
});

export const statement = (predicate: unknown, digest = 'a'.repeat(64)): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'an-image', digest: { sha256: digest } }],
  predicateType: 'https://spdx.dev/Document',
  predicate,
});

export const dsse = (statement: object): object => ({
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
  signatures: [{ sig: 'AAAA' }],
});

export const bundle = (envelope: object): object => ({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  dsseEnvelope: envelope,
});

export const bytesOf = (document: unknown): Uint8Array =>
  Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
