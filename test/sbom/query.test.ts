import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOfName, keysOf } from '../../lambda/sbom/names.ts';
import { keyOfQuery, matchPackage, type PackageQuery, parseQuery } from '../../lambda/sbom/query.ts';
import { readSbom } from '../../lambda/sbom/read-sbom.ts';
import { runs } from '../support/runs.ts';
import { bytesOf, cycloneDx, type Listed } from './documents.ts';

function asked(text: string): PackageQuery {
  const query = parseQuery(text);
  if (typeof query === 'string') throw new Error(query);
  return query;
}

const packageOf = (listed: Listed) => readSbom(bytesOf(cycloneDx([listed]))).packages[1];

/** What a search says of a package, through the index: not at all where it looks in another place. */
function found(text: string, listed: Listed): string {
  const [query, one] = [asked(text), packageOf(listed)];
  if (one === undefined) throw new Error('not read');
  return keysOf(one).includes(keyOfQuery(query)) ? matchPackage(query, one) : 'elsewhere';
}

const LOG4J: Listed = {
  name: 'log4j-core',
  version: '2.14.1',
  purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
};
const BABEL: Listed = { name: '@babel/core', version: '7.0.0', purl: 'pkg:npm/%40babel/core@7.0.0' };
const MODULE: Listed = {
  name: 'github.com/go-jose/go-jose/v4',
  version: 'v4.0.1',
  purl: 'pkg:golang/github.com/go-jose/go-jose/v4@v4.0.1',
};
const OPENSSL: Listed = {
  name: 'openssl',
  version: '1:1.1.1k-5.el8',
  purl: 'pkg:rpm/rhel/openssl@1.1.1k-5.el8?epoch=1&arch=x86_64',
};

const LIBSSL: Listed = {
  name: 'libssl3',
  version: '3.0.19-1~deb12u2',
  purl: 'pkg:deb/debian/libssl3@3.0.19-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
};

describe('names in a search', () => {
  test.each([
    ['log4j-core', LOG4J],
    ['Log4J-Core', LOG4J],
    ['org.apache.logging.log4j:log4j-core', LOG4J],
    ['org.apache.logging.log4j/log4j-core', LOG4J],
    ['pkg:maven/org.apache.logging.log4j/log4j-core', LOG4J],
    ['log4j-core', { name: 'org.apache.logging.log4j:log4j-core' }],
    ['@babel/core', BABEL],
    ['core', BABEL],
    ['pkg:npm/%40babel/core', BABEL],
    ['pkg:npm/@babel/core', BABEL],
    ['github.com/go-jose/go-jose/v4', MODULE],
    ['github.com/go-jose/go-jose', MODULE],
    ['go-jose', MODULE],
    ['pkg:golang/github.com/go-jose/go-jose/v4', MODULE],
    ['Flask_SQLAlchemy', { name: 'flask-sqlalchemy', purl: 'pkg:pypi/flask-sqlalchemy@1' }],
    ['openssl', OPENSSL],
    ['pkg:rpm/rhel/openssl', OPENSSL],
    // Advisories name the source package.
    ['openssl', LIBSSL],
    ['pkg:deb/debian/openssl', LIBSSL],
    [
      'openssl',
      {
        name: 'openssl-libs',
        purl: 'pkg:rpm/rhel/openssl-libs@3.0.7-1.el9?upstream=openssl-3.0.7-1.el9.src.rpm',
      },
    ],
    ['libssl3', LIBSSL],
  ] as const)('%s finds %j', (text, listed) => {
    expect(found(text, listed)).toBe('yes');
  });

  test.each([
    ['log4j', LOG4J],
    ['com.example:log4j-core', LOG4J],
    ['pkg:npm/log4j-core', LOG4J],
    ['pkg:maven/com.example/log4j-core', LOG4J],
    ['lodash-merge', { name: 'lodash.merge', purl: 'pkg:npm/lodash.merge@4' }],
    ['pkg:rpm/fedora/openssl', OPENSSL],
    ['github.com/go-jose/go-jose/v3', MODULE],
  ] as const)('%s does not find %j', (text, listed) => {
    expect(['no', 'elsewhere']).toContain(found(text, listed));
  });

  test('a purl may mean a package whose document gives none', () => {
    expect(found('pkg:maven/org.apache.logging.log4j/log4j-core', { name: 'log4j-core' })).toBe('unknown');
  });

  test('whoever looks for the name that a document gives looks where it is indexed', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9@._-]{1,8}$/);
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(name, (written) => {
        expect(
          keysOf({ name: written, type: null, namespace: null, purlName: null, upstream: null }),
        ).toContain(keyOfName(written));
        expect(keyOfName(written.toUpperCase())).toBe(keyOfName(written));
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('versions in a search', () => {
  test.each([
    ['log4j-core@<2.17.1', LOG4J, 'yes'],
    ['log4j-core@2.14.1', LOG4J, 'yes'],
    ['log4j-core@==2.14.1', LOG4J, 'yes'],
    ['log4j-core@>=2.0,<2.17.1', LOG4J, 'yes'],
    ['log4j-core@>=2.0 <2.17.1', LOG4J, 'yes'],
    ['log4j-core@ < 2.17.1', LOG4J, 'yes'],
    ['log4j-core@>=2.17.1', LOG4J, 'no'],
    ['log4j-core@!=2.14.1', LOG4J, 'no'],
    ['pkg:maven/org.apache.logging.log4j/log4j-core@<2.17.1', LOG4J, 'yes'],
    ['@babel/core@<7.1.0', BABEL, 'yes'],
    ['pkg:npm/@babel/core@7.0.0', BABEL, 'yes'],
    ['@babel/core@<=6.0.0', BABEL, 'no'],
    ['openssl@<3.0.7', OPENSSL, 'yes'],
    ['openssl@1.1.1k', OPENSSL, 'yes'],
    // As tags are written, by habit.
    ['log4j-core@<v2.17.1', LOG4J, 'yes'],
    ['log4j-core@v2.14.1', LOG4J, 'yes'],
    // The builder's own label behind a version of PyPI is not asked for: PEP 440 leaves it out, too.
    ['torch@2.0.1', { name: 'torch', version: '2.0.1+cu118', purl: 'pkg:pypi/torch@2.0.1%2Bcu118' }, 'yes'],
    ['torch@<=2.0.1', { name: 'torch', version: '2.0.1+cu118', purl: 'pkg:pypi/torch@2.0.1%2Bcu118' }, 'yes'],
    ['torch@>2.0.1', { name: 'torch', version: '2.0.1+cu118', purl: 'pkg:pypi/torch@2.0.1%2Bcu118' }, 'no'],
    [
      'torch@2.0.1+cpu',
      { name: 'torch', version: '2.0.1+cu118', purl: 'pkg:pypi/torch@2.0.1%2Bcu118' },
      'no',
    ],
    // Everybody writes a bound of one number; what npm means by an equal one is more than one version.
    ['x@<5', { name: 'x', version: '4.17.20', purl: 'pkg:npm/x@4.17.20' }, 'yes'],
    ['x@<4.17', { name: 'x', version: '4.17.20', purl: 'pkg:npm/x@4.17.20' }, 'no'],
    ['x@>=4.17', { name: 'x', version: '4.17.20', purl: 'pkg:npm/x@4.17.20' }, 'yes'],
    ['x@4', { name: 'x', version: '4.17.20', purl: 'pkg:npm/x@4.17.20' }, 'unknown'],
    ['x@<=4', { name: 'x', version: '4.17.20', purl: 'pkg:npm/x@4.17.20' }, 'unknown'],
    ['x@<2', { name: 'x', version: '2.0.0-rc.1', purl: 'pkg:npm/x@2.0.0-rc.1' }, 'yes'],
    // A word is no version, so that it excludes none.
    ['openssl@latest', OPENSSL, 'unknown'],
    ['log4j-core@latest', LOG4J, 'unknown'],
    // A preview of the fixed version was made before it.
    ['x@<2.0.0', { name: 'x', version: '2.0.0-rc.1', purl: 'pkg:npm/x@2.0.0-rc.1' }, 'yes'],
  ] as const)('%s over %j is %s', (text, listed, expected) => {
    expect(found(text, listed)).toBe(expected);
  });

  test.each([
    ['without a version', { name: 'log4j-core', purl: 'pkg:maven/x/log4j-core' }],
    ['without a purl', { name: 'log4j-core', version: '2.14.1' }],
    [
      'of a type without rules',
      { name: 'log4j-core', version: '2.14.1', purl: 'pkg:conan/log4j-core@2.14.1' },
    ],
    [
      'with a version that is none',
      { name: 'log4j-core', version: '@v@', purl: 'pkg:maven/x/log4j-core@@v@' },
    ],
  ])('a package %s is listed and not dropped', (_, listed) => {
    expect(found('log4j-core@<2.17.1', listed)).toBe('unknown');
    expect(found('log4j-core', listed)).toBe('yes');
  });

  test.each([
    ['pkg:rpm/rhel/openssl@1.1.1k-5.el8?epoch=1&arch=x86_64', OPENSSL],
    ['pkg:rpm/rhel/openssl@1.1.1k-5.el8?arch=x86_64&epoch=1', OPENSSL],
    ['pkg:deb/debian/libssl3@3.0.19-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl', LIBSSL],
    ['pkg:deb/debian/libssl3@3.0.19-1%7Edeb12u2?distro=debian-12', LIBSSL],
    ['pkg:deb/debian/libssl3?upstream=openssl%403.0.19', LIBSSL],
    ['pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar#META-INF', LOG4J],
  ])('%s finds the package that it is of, as documents and advisories have it', (text, listed) => {
    expect(found(text, listed)).toBe('yes');
  });

  test('a package URL of another epoch or version is none of it', () => {
    expect(found('pkg:rpm/rhel/openssl@1.1.1k-5.el8?epoch=2', OPENSSL)).toBe('no');
    expect(found('pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0?type=jar', LOG4J)).toBe('no');
  });

  test('a condition that does not hold decides, whatever the others are', () => {
    const listed = { name: 'x', version: '1.0.0', purl: 'pkg:npm/x@1.0.0' };
    expect(found('x@>=not-a-version,<2.0.0', listed)).toBe('unknown');
    expect(found('x@>=not-a-version,<1.0.0', listed)).toBe('no');
  });

  test.each([
    '',
    '@',
    'x@',
    'x@<',
    'x@=<1',
    'x@^1.0',
    'x@~1.0',
    'x@1.*',
    // Read as conditions that all have to hold, these would hold for nothing, and nothing found would look like an all clear.
    'x@>=1 <2 || >=3 <4',
    'x@1.2 - 2.0',
    'x@1.0 2.0',
    'x@1.0,2.0',
    'x@1.x',
    'x@1.2.X',
    'x@[2.0,2.17.1)',
    'x@(,2.17.1]',
    'x@<2.17.1]',
    'x@~>1.2',
    'x@!2',
    // As cmd.exe of Windows passes them on.
    "x@'<1'",
    'x@"<1"',
    'pkg:',
    'pkg:npm',
    'pkg:npm/',
  ])('a search for "%s" is explained', (text) => {
    expect(typeof parseQuery(text)).toBe('string');
  });
});
