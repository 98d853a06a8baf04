import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSbom } from '../../lambda/sbom/read-sbom.ts';
import { runs } from '../support/runs.ts';
import { bundle, bytesOf, cycloneDx, dsse, type Listed, spdx2, spdx3, statement } from './documents.ts';

const LOG4J: Listed = {
  name: 'log4j-core',
  version: '2.14.1',
  purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
};
const READ = {
  name: 'log4j-core',
  version: '2.14.1',
  purl: LOG4J.purl,
  type: 'maven',
  namespace: 'org.apache.logging.log4j',
  purlName: 'log4j-core',
  upstream: null,
};

const read = (document: unknown) => readSbom(bytesOf(document));
const contents = (document: unknown) => read(document).packages.filter(({ name }) => name !== 'an image');

describe('what a document lists of the image, and not of its contents', () => {
  const contained = (document: object) => readSbom(bytesOf(document)).problem?.kind ?? null;
  const components = (...types: readonly string[]) => ({
    ...cycloneDx([]),
    components: types.map((type) => ({ type, name: 'debian', version: '12' })),
  });

  test('a document that names the distribution alone has seen no package', () => {
    expect(contained(components('operating-system'))).toBe('no-packages');
    expect(contained(components('operating-system', 'container', 'file'))).toBe('no-packages');
    expect(contained(components('operating-system', 'library'))).toBeNull();
    const spdx = (primaryPackagePurpose: string) => ({
      spdxVersion: 'SPDX-2.3',
      packages: [{ name: 'debian', versionInfo: '12', primaryPackagePurpose }],
    });
    expect(contained(spdx('OPERATING-SYSTEM'))).toBe('no-packages');
    expect(contained(spdx('LIBRARY'))).toBeNull();
    const spdx3Of = (software_primaryPurpose: string) => ({
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [{ type: 'software_Package', spdxId: 'urn:a', name: 'debian', software_primaryPurpose }],
    });
    expect(contained(spdx3Of('operatingSystem'))).toBe('no-packages');
    expect(contained(spdx3Of('library'))).toBeNull();
  });

  // BuildKit has Syft scan a folder, whose package is the document's only one where nothing is found in it.
  test('what the document says that it describes is no content, by whatever name', () => {
    const root = { name: '/run/src/core/sbom', SPDXID: 'SPDXRef-Root', primaryPackagePurpose: 'FILE' };
    const lib = { name: 'lodash', SPDXID: 'SPDXRef-Lib', versionInfo: '4' };
    const describes = (spdxElementId: string, relatedSpdxElement: string) => ({
      spdxElementId,
      relationshipType: 'DESCRIBES',
      relatedSpdxElement,
    });
    const document = (packages: readonly object[], rest: object) =>
      contained({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages, ...rest });
    const byRelation = { relationships: [describes('SPDXRef-DOCUMENT', 'SPDXRef-Root')] };
    expect(document([root], byRelation)).toBe('no-packages');
    expect(document([root], { documentDescribes: ['SPDXRef-Root'] })).toBe('no-packages');
    expect(document([root, lib], byRelation)).toBeNull();
    // Some tools describe each package: then none of them is the image.
    const each = { documentDescribes: ['SPDXRef-Root', 'SPDXRef-Lib'] };
    expect(document([root, lib], each)).toBeNull();
    const graph = (...elements: readonly object[]) =>
      contained({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': elements });
    const sbom = { type: 'software_Sbom', spdxId: 'urn:s', rootElement: ['urn:root'] };
    const image = { type: 'software_Package', spdxId: 'urn:root', name: 'app' };
    expect(graph(sbom, image)).toBe('no-packages');
    expect(graph(sbom, image, { type: 'software_Package', spdxId: 'urn:lib', name: 'lodash' })).toBeNull();
  });

  test('the image that a document says it describes, in each format', () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const purl = `pkg:oci/app@${digest.replace(':', '%3A')}?arch=arm64&repository_url=r.example%2Fapp`;
    const expected = { digests: [digest], architectures: ['arm64'] };
    const component = { type: 'container', name: 'app', version: digest, purl };
    expect(readSbom(bytesOf({ ...cycloneDx([]), metadata: { component } })).describes).toEqual(expected);
    const externalRefs = [{ referenceType: 'purl', referenceLocator: purl }];
    const checksums = [{ algorithm: 'SHA256', checksumValue: 'e'.repeat(64) }];
    const spdx = {
      spdxVersion: 'SPDX-2.3',
      documentDescribes: ['SPDXRef-Root'],
      packages: [{ name: 'app', SPDXID: 'SPDXRef-Root', versionInfo: '3.18', externalRefs, checksums }],
    };
    expect(readSbom(bytesOf(spdx)).describes).toEqual({
      digests: [digest, `sha256:${'e'.repeat(64)}`],
      architectures: ['arm64'],
    });
    const spdx3 = {
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [
        { type: 'SpdxDocument', spdxId: 'urn:d', rootElement: ['urn:root'] },
        { type: 'software_Package', spdxId: 'urn:root', name: 'app', software_packageUrl: purl },
      ],
    };
    expect(readSbom(bytesOf(spdx3)).describes).toEqual(expected);
    expect(readSbom(bytesOf(cycloneDx([{ name: 'a', version: digest }]))).describes).toEqual({
      digests: [],
      architectures: [],
    });
  });

  test('a document of two formats is two documents, of which readers see one or the other', () => {
    const both = { ...spdx2([{ name: 'lodash' }]), ...cycloneDx([{ name: 'log4j-core' }]) };
    expect(readSbom(bytesOf(both))).toMatchObject({
      packages: [],
      problem: { kind: 'malformed', message: 'it is SPDX 2.3 and CycloneDX 1.6 at once' },
    });
  });

  // https://cyclonedx.org/docs/1.6/json/#compositions
  test('a document that calls its own list incomplete does not show what is missing', () => {
    const of = (composition: object) =>
      readSbom(
        bytesOf({
          ...cycloneDx([{ name: 'lodash' }]),
          metadata: { component: { type: 'container', name: 'app', 'bom-ref': 'app' } },
          compositions: [composition],
        }),
      );
    const incomplete = { problem: { kind: 'incomplete', message: 'it says itself that it is incomplete' } };
    expect(of({ aggregate: 'incomplete' })).toMatchObject({
      ...incomplete,
      packages: [{}, { name: 'lodash' }],
    });
    expect(of({ aggregate: 'incomplete_third_party_only', assemblies: ['app'] })).toMatchObject(incomplete);
    for (const other of [
      { aggregate: 'complete' },
      { aggregate: 'unknown' },
      { aggregate: 'incomplete', assemblies: ['lodash'] },
      // Of the graph between components, and not of their list.
      { aggregate: 'incomplete', dependencies: ['app'] },
    ]) {
      expect(of(other).problem).toBeNull();
    }
  });

  test('a document that leaves packages to other documents has not all of them', () => {
    const elsewhere = { problem: { kind: 'incomplete', message: 'it leaves packages to other documents' } };
    const reference = { externalDocumentId: 'DocumentRef-base', spdxDocument: 'https://example.com/base' };
    expect(
      readSbom(bytesOf({ ...spdx2([{ name: 'lodash' }]), externalDocumentRefs: [reference] })),
    ).toMatchObject(elsewhere);
    expect(
      readSbom(bytesOf({ ...spdx2([{ name: 'lodash' }]), externalDocumentRefs: [] })).problem,
    ).toBeNull();
    const imported = {
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [
        { type: 'SpdxDocument', spdxId: 'urn:d', import: [{ type: 'ExternalMap', externalSpdxId: 'urn:x' }] },
        { type: 'software_Package', spdxId: 'urn:a', name: 'lodash' },
      ],
    };
    expect(readSbom(bytesOf(imported))).toMatchObject(elsewhere);
  });

  test('a byte order mark before the document is no part of it', () => {
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytesOf(cycloneDx([{ name: 'lodash' }]))]);
    expect(readSbom(marked)).toMatchObject({ title: 'CycloneDX 1.6', problem: null });
  });
});

describe('formats of SBOMs', () => {
  test.each([
    ['SPDX 2.2', spdx2([LOG4J], 'SPDX-2.2')],
    ['SPDX 2.3', spdx2([LOG4J])],
    ['SPDX 3.0', spdx3([LOG4J])],
    ...['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'].map(
      (version) => [`CycloneDX ${version}`, cycloneDx([LOG4J], version)] as const,
    ),
  ])('the packages of a %s document are read', (title, document) => {
    expect(read(document)).toMatchObject({ title, problem: null, subjects: null });
    expect(contents(document)).toEqual([READ]);
  });

  test.each(['SPDX-2.1', 'SPDX-4.0'])('a document of version %s is found and not searchable', (version) => {
    expect(read(spdx2([LOG4J], version)).problem?.kind).toBe('unknown-version');
  });

  test.each([
    ['CycloneDX XML', '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>'],
    ['SPDX RDF/XML', '<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#"/>'],
    ['SPDX tag-value', '# made by hand\nSPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n'],
    ["Syft's own JSON", { artifacts: [{ name: 'log4j-core' }], artifactRelationships: [] }],
  ])('%s is found and not searchable', (title, document) => {
    expect(read(document)).toMatchObject({ title, packages: [], problem: { kind: 'unknown-format' } });
  });

  test('a version and a name are taken from the purl where the document has none', () => {
    expect(contents(spdx2([{ name: 'x', purl: 'pkg:npm/x@1.0.0' }]))[0]?.version).toBe('1.0.0');
    expect(contents(cycloneDx([{ name: '', purl: 'pkg:npm/y@1.0.0' }]))[0]?.name).toBe('y');
  });

  test('NOASSERTION is no version', () => {
    expect(contents(spdx2([{ name: 'x' }]))[0]?.version).toBeNull();
  });

  test('a package with two purls is listed under both', () => {
    const document = spdx3([LOG4J]) as { '@graph': Record<string, unknown>[] };
    const added = document['@graph'].map((element) =>
      element['type'] === 'software_Package'
        ? {
            ...element,
            externalIdentifier: [
              {
                type: 'ExternalIdentifier',
                externalIdentifierType: 'packageUrl',
                identifier: 'pkg:deb/debian/x@1',
              },
            ],
          }
        : element,
    );
    expect(contents({ ...document, '@graph': added }).map(({ type }) => type)).toEqual(['maven', 'deb']);
  });

  test('the group of a component is a part of its name, once', () => {
    const names = contents({
      ...cycloneDx([]),
      components: [
        { name: 'core', group: '@babel', version: '7.0.0' },
        { name: '@babel/core', group: '@babel', version: '7.0.0' },
      ],
    }).map(({ name }) => name);
    expect(names).toEqual(['@babel/core', '@babel/core']);
  });

  test('components inside of components are read, and files are not packages', () => {
    const nested = {
      ...cycloneDx([]),
      components: [
        { type: 'file', name: '/app/x.jar', components: [{ type: 'library', name: 'inside' }] },
        { type: 'library', name: 'outside' },
      ],
    };
    expect(contents(nested).map(({ name }) => name)).toEqual(['inside', 'outside']);
  });

  test('the epoch of an RPM is a part of its version, wherever the document has it', () => {
    const purl = 'pkg:rpm/rhel/openssl@1.1.1k-5.el8?arch=x86_64&epoch=1';
    const versions = contents(
      spdx2([
        { name: 'openssl', version: '1.1.1k-5.el8', purl },
        { name: 'openssl', version: '1:1.1.1k-5.el8', purl },
      ]),
    ).map(({ version }) => version);
    expect(versions).toEqual(['1:1.1.1k-5.el8', '1:1.1.1k-5.el8']);
  });
});

describe('envelopes around SBOMs', () => {
  const subject = [`sha256:${'a'.repeat(64)}`];

  test.each([
    ['an in-toto statement', statement(spdx2([LOG4J]))],
    [
      'a statement with a document as text',
      statement({ Data: JSON.stringify(spdx2([LOG4J])), Timestamp: '' }),
    ],
    ['a DSSE envelope', dsse(statement(cycloneDx([LOG4J])))],
    ['a Sigstore bundle', bundle(dsse(statement(spdx3([LOG4J]))))],
  ])('a document in %s is read, with the image that it is about', (_, document) => {
    expect(contents(document)).toEqual([READ]);
    expect(read(document)).toMatchObject({ subjects: subject, problem: null });
  });

  test('envelopes inside of envelopes are opened only so far', () => {
    let document: object = spdx2([LOG4J]);
    for (let depth = 0; depth < 6; depth++) document = statement(document);
    expect(read(document)).toMatchObject({ packages: [], problem: { kind: 'too-deep' } });
  });

  test('a bundle with a signature alone is no SBOM', () => {
    const { dsseEnvelope: _, ...signature } = bundle({}) as { dsseEnvelope: object };
    expect(read({ ...signature, messageSignature: {} }).problem?.kind).toBe('malformed');
  });

  test('provenance is not taken for an SBOM', () => {
    expect(read(statement({ buildDefinition: {}, runDetails: {} })).problem?.kind).toBe('unknown-format');
  });
});

describe('hostile SBOMs', () => {
  const text = JSON.stringify(spdx2([LOG4J]));

  test.each([
    ['a second list of packages', text.replace(/\}$/, ',"packages":[]}')],
    ['a second list under an escaped name', text.replace(/\}$/, ',"\\u0070ackages":[]}')],
    [
      'a second version of a package',
      text.replace('"versionInfo":"2.14.1"', '"versionInfo":"2.14.1","versionInfo":"2.17.2"'),
    ],
  ])('a document with %s is not searchable', (_, document) => {
    expect(read(document)).toMatchObject({ packages: [], problem: { kind: 'duplicate-key' } });
  });

  test('equal keys that decide nothing, or of different objects, are no danger', () => {
    expect(read(text.replace(/\}$/, ',"comment":"a","comment":"b"}')).problem).toBeNull();
    expect(read(text.replace(/\}$/, ',"other":{"packages":[]}}')).problem).toBeNull();
    expect(read(text.replace(/\}$/, ',"comment":"\\"packages\\": []"}')).problem).toBeNull();
  });

  test('a document that nests without end is not parsed', () => {
    expect(read('['.repeat(100_000)).problem?.kind).toBe('too-deep');
    const components = `{"components":[`.repeat(100_000);
    expect(read(`{"bomFormat":"CycloneDX","specVersion":"1.6",${components.slice(1)}`).problem?.kind).toBe(
      'too-deep',
    );
  });

  test('names of prototypes are names like others', () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
    const document = `{"__proto__":{"packages":[]},${text.slice(1)}`;
    expect(contents(document)).toEqual([READ]);
    expect(contents(spdx2(names.map((name) => ({ name })))).map(({ name }) => name)).toEqual(names);
    expect(read('{"__proto__":{"bomFormat":"CycloneDX"}}').problem?.kind).toBe('unknown-format');
  });

  test('a document of more packages than an image has is read up to there, and not searchable', () => {
    const { packages, problem } = read(spdx2(Array.from({ length: 100_001 }, () => ({ name: 'x' }))));
    expect(packages).toHaveLength(100_000);
    expect(problem).toEqual({ kind: 'too-many-packages', message: 'it lists more than 100,000 packages' });
  });

  test('a document larger than 64 MiB is not parsed', () => {
    expect(readSbom(new Uint8Array((64 << 20) + 1)).problem?.kind).toBe('too-large');
  });

  test('one package that cannot be understood leaves the others, and the document is not searchable', () => {
    const huge = spdx2([LOG4J, { name: 'x'.repeat(5000) }]);
    const nameless = cycloneDx([LOG4J, { name: '' }]);
    const text = cycloneDx([LOG4J]) as { components: unknown[] };
    for (const document of [huge, nameless, { ...text, components: [...text.components, 'x'] }]) {
      expect(contents(document)).toEqual([READ]);
      expect(read(document).problem?.kind).toBe('malformed');
    }
  });

  test.each([
    ['SPDX 2.3', spdx2([])],
    ['SPDX 3.0', spdx3([])],
    ['CycloneDX 1.6', cycloneDx([])],
    ['SPDX that lists the image alone', spdx2([{ name: 'app', purl: 'pkg:oci/app@sha256%3Aab?arch=amd64' }])],
  ])('a document that lists no package says nothing of what is not in the image (%s)', (_, document) => {
    expect(read(document).problem?.kind).toBe('no-packages');
  });

  test.each(['packages', 'components', '@graph'])(
    'a list under %s that is something else is a fault',
    (key) => {
      const of = { packages: spdx2([LOG4J]), components: cycloneDx([LOG4J]), '@graph': spdx3([LOG4J]) }[key];
      for (const instead of [{}, 'x', 1, true])
        expect(read({ ...of, [key]: instead }).problem).not.toBeNull();
    },
  );

  test('whatever the bytes are, nothing is thrown and a fault is no searchable document', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readSbom(bytes).problem).not.toBeNull();
      }),
      { numRuns: runs(1000) },
    );
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        expect(readSbom(bytesOf(json)).problem).not.toBeNull();
      }),
      { numRuns: runs(1000) },
    );
  });

  test('a document that is cut off anywhere is not searchable', () => {
    const documents = [spdx2, spdx3, cycloneDx].map((of) =>
      JSON.stringify(of([LOG4J, { name: 'b', version: '1' }])),
    );
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), (document, where) => {
        const cut = document.slice(0, where % document.length);
        expect(read(cut).problem).not.toBeNull();
      }),
      { numRuns: runs(500) },
    );
  });

  test('any packages are read back from each format as they were written', () => {
    const listed = fc.record({
      name: fc.string({ minLength: 1 }).filter((name) => name.trim() === name && name !== ''),
      version: fc
        .stringMatching(/^[\w.+:~-]{1,20}$/)
        .filter((version) => !['NONE', 'NOASSERTION'].includes(version)),
    });
    fc.assert(
      fc.property(fc.array(listed, { minLength: 1, maxLength: 20 }), (packages) => {
        for (const written of [spdx2, spdx3, cycloneDx]) {
          const found = read(written(packages)).packages.slice(written === cycloneDx ? 1 : 0);
          expect(found.map(({ name, version }) => ({ name, version }))).toEqual(packages);
        }
      }),
      { numRuns: runs(500) },
    );
  });
});
