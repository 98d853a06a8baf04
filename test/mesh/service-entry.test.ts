import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultsOf } from '../../lambda/mesh/faults.ts';
import { risksOf } from '../../lambda/mesh/risks.ts';
import { parseServiceEntry, type ServiceEntry } from '../../lambda/mesh/service-entry.ts';
import { sharedPorts } from '../../lambda/mesh/shared-ports.ts';
import { SYMPTOMS } from '../../lambda/mesh/symptoms.ts';
import { anEntry, tcp } from './builders.ts';

function parsed(...args: Parameters<typeof anEntry>): ServiceEntry {
  const read = parseServiceEntry(anEntry(...args));
  if ('unread' in read) throw new Error(read.unread.message);
  return read.known;
}
const risks = (spec: object) => risksOf(parsed(spec), [80, 22]).map(({ kind }) => kind);
const symptoms = (spec: object) => faultsOf(parsed(spec)).map(({ symptom }) => symptom);
const http = (number: number, more: object = {}) => ({
  ports: [{ number, name: 'http', protocol: 'HTTP', ...more }],
});
const ADDRESS = { addresses: ['203.0.113.7'] };

describe('a ServiceEntry', () => {
  test('a ServiceEntry has the defaults of the API', () => {
    expect(
      parsed({ location: null, resolution: undefined, ports: [{ number: 1, name: 'a' }] }),
    ).toMatchObject({
      external: true,
      resolution: 'NONE',
      ports: [{ number: 1, protocol: '', target: 1 }],
      exportTo: [],
      workloadSelector: null,
    });
  });

  test.each([
    { hosts: 'api.example.com' },
    { hosts: [7] },
    { ports: [{ number: '443', name: 'a' }] },
    { ports: [{ number: 0, name: 'a' }] },
    { ports: [{ number: 65_536, name: 'a' }] },
    { ports: {} },
    { resolution: 'dns' },
    { location: 1 },
    { endpoints: [7] },
    { endpoints: [{ address: {} }] },
    { exportTo: '*' },
    { workloadSelector: { labels: { a: 1 } } },
  ])('a ServiceEntry with %j is not understood', (spec) => {
    expect(parseServiceEntry(anEntry(spec))).toMatchObject({ unread: { reason: 'policy-not-understood' } });
  });

  test.each([
    [{ hosts: [7] }, 'spec.hosts.0 (must be a text, not the number 7)'],
    [{ ports: [{ number: 0, name: 'a' }] }, 'spec.ports.0.number (must be at least 1, not the number 0)'],
    [
      { ports: [{ number: 443, targetPort: 'tls' }] },
      'spec.ports.0.targetPort (must be a number, not "tls")',
    ],
    [
      { resolution: 'dns' },
      'spec.resolution (must be "NONE" or "STATIC" or "DNS" or "DNS_ROUND_ROBIN" or "DYNAMIC_DNS", not "dns")',
    ],
  ])('what is wrong with a ServiceEntry of %j is said in words of the product', (spec, problem) => {
    expect(parseServiceEntry(anEntry(spec))).toMatchObject({
      unread: { message: `ServiceEntry shop/entry is not understood: ${problem}.` },
    });
  });

  test('a ServiceEntry of any shape is read or not understood, and judged without a crash', () => {
    const odd = fc.oneof(
      fc.anything(),
      fc.record(
        {
          hosts: fc.oneof(fc.anything(), fc.array(fc.string())),
          addresses: fc.oneof(fc.anything(), fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()))),
          ports: fc.array(
            fc.record({
              number: fc.integer({ min: 1, max: 65535 }),
              name: fc.string(),
              protocol: fc.string(),
            }),
          ),
          resolution: fc.constantFrom('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS', 'X'),
          endpoints: fc.array(
            fc.record({
              address: fc.string(),
              ports: fc.dictionary(fc.string(), fc.integer({ min: 1, max: 9 })),
            }),
          ),
          exportTo: fc.array(fc.constantFrom('.', '*', '~', 'shop')),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(odd, (spec) => {
        const read = parseServiceEntry({ ...anEntry(), spec });
        if ('unread' in read) return;
        risksOf(read.known, [80]);
        faultsOf(read.known);
        sharedPorts([read.known, read.known]);
      }),
      { numRuns: 500 },
    );
  });

  test('a ServiceEntry with an unknown field names it', () => {
    expect(parsed({ egressPolicy: {} }).unknownField).toBe('egressPolicy');
    expect(parsed({ subjectAltNames: ['a'] }).unknownField).toBeNull();
  });
});

describe('risks of a ServiceEntry', () => {
  test('risks look at each endpoint once, however many ports there are', () => {
    let looked = 0;
    const entry = parsed({
      resolution: 'STATIC',
      endpoints: Array.from({ length: 300 }, (_, i) => ({
        address: '203.0.113.7',
        ports: { [`p${i}`]: 8443 },
      })),
      ports: Array.from({ length: 300 }, (_, i) => ({ number: 1000 + i, name: `p${i}`, protocol: 'HTTP' })),
    });
    const watched = entry.endpoints.map((endpoint) => ({
      ...endpoint,
      get ports() {
        looked += 1;
        return endpoint.ports;
      },
    }));
    expect(risksOf({ ...entry, endpoints: watched }, [80, 22])).toEqual([]);
    expect(looked).toBeLessThanOrEqual(300);
  });

  test('risks follow the port of any endpoint, and the target port where some endpoint has no port', () => {
    const endpoints = (...ports: readonly object[]) => ({
      resolution: 'STATIC',
      endpoints: ports.map((own) => ({ address: '203.0.113.7', ports: own })),
    });
    const [to8080, to80] = [{ http: 8080 }, { http: 80 }];
    expect(risks({ ...http(80), ...endpoints(to8080, to8080) })).toEqual([]);
    expect(risks({ ...http(80), ...endpoints(to8080, {}) })).toEqual(['insecure-port']);
    expect(risks({ ...http(8080), ...endpoints(to8080, to80) })).toEqual(['insecure-port']);
    expect(risks({ ...http(8080), ...endpoints({ other: 80 }) })).toEqual([]);
  });

  test('a ServiceEntry of one host over TLS has no risk', () => expect(risks({})).toEqual([]));

  test('a wildcard host is a risk', () => {
    expect(risks({ hosts: ['api.example.com', '*.googleapis.com'] })).toEqual(['wildcard-host']);
    expect(risks({ hosts: ['*'] })).toEqual(['wildcard-host']);
  });

  test('HTTP on port 80 and TCP on port 22 to outside the mesh are risks', () => {
    expect(risks(http(80))).toEqual(['insecure-port']);
    expect(risks({ ...ADDRESS, ports: tcp(22) })).toEqual(['insecure-port']);
    expect(risks({ ...http(80), location: 'MESH_INTERNAL' })).toEqual([]);
    expect(risks({ ports: [{ number: 80, name: 'a', protocol: 'HTTPS' }] })).toEqual([]);
    expect(risks(http(8080))).toEqual([]);
  });

  test('the port on which traffic leaves counts: TLS originated by the sidecar is no risk', () => {
    expect(risks(http(80, { targetPort: 443 }))).toEqual([]);
    expect(risks(http(8080, { targetPort: 80 }))).toEqual(['insecure-port']);
    const endpoint = (port: number) => ({ endpoints: [{ address: '203.0.113.7', ports: { http: port } }] });
    expect(risks({ ...http(80), resolution: 'STATIC', ...endpoint(8443) })).toEqual([]);
    expect(risks({ ...http(8080), resolution: 'STATIC', ...endpoint(80) })).toEqual(['insecure-port']);
    // Without resolution the connection goes where the application sent it.
    expect(risks({ ...http(80, { targetPort: 443 }), resolution: 'NONE' })).toEqual(['insecure-port']);
  });

  test('TCP without addresses is a risk, whatever the name of its protocol', () => {
    expect(risks({ ports: tcp(5432) })).toEqual(['port-alone']);
    for (const protocol of ['tcp', 'MONGO', 'Redis', 'MySQL', '', undefined]) {
      expect(risks({ ports: [{ number: 5432, name: 'a', protocol }] })).toEqual(['port-alone']);
    }
    expect(risks({ ports: tcp(5432), ...ADDRESS })).toEqual([]);
    expect(risks({ ports: [{ number: 443, name: 'a', protocol: 'HTTPS' }] })).toEqual([]);
  });

  test('all risks of a ServiceEntry are named', () => {
    expect(risks({ hosts: ['*.example.com'], ports: tcp(22), resolution: 'NONE' })).toEqual([
      'wildcard-host',
      'insecure-port',
      'port-alone',
    ]);
  });
});

describe('faults of a ServiceEntry', () => {
  test('a sound ServiceEntry of each resolution has no fault', () => {
    expect(symptoms({})).toEqual([]);
    expect(symptoms({ resolution: 'NONE', hosts: ['*.example.com'] })).toEqual([]);
    expect(symptoms({ resolution: 'STATIC', endpoints: [{ address: '203.0.113.7' }] })).toEqual([]);
    expect(symptoms({ resolution: 'STATIC', endpoints: [{ address: 'unix:///run/a.sock' }] })).toEqual([]);
    expect(symptoms({ resolution: 'STATIC', workloadSelector: { labels: { app: 'vm' } } })).toEqual([]);
    expect(symptoms({ resolution: 'DNS_ROUND_ROBIN', endpoints: [{ address: 'a.example.com' }] })).toEqual(
      [],
    );
    expect(symptoms({ resolution: 'DYNAMIC_DNS', hosts: ['*.example.com'] })).toEqual([]);
    expect(symptoms({ ...ADDRESS, ports: tcp(5432) })).toEqual([]);
  });

  test('a wildcard host with DNS resolution is a fault: name resolution fails', () => {
    expect(symptoms({ hosts: ['*.example.com'] })).toEqual(['nameResolution']);
    expect(symptoms({ hosts: ['*.example.com'], resolution: 'DNS_ROUND_ROBIN' })).toEqual(['nameResolution']);
    expect(symptoms({ hosts: ['*.example.com'], endpoints: [{ address: 'a.example.com' }] })).toEqual([]);
  });

  test('STATIC without endpoints answers 503, but an entry for a Kubernetes service only adds to it', () => {
    expect(symptoms({ resolution: 'STATIC' })).toEqual(['noEndpoint']);
    expect(symptoms({ resolution: 'STATIC', hosts: ['web.shop.svc.cluster.local'] })).toEqual([]);
  });

  test('HTTP on 443 ends in a TLS error, and TLS on 80 in a reset', () => {
    expect(symptoms(http(443))).toEqual(['tlsToPlain']);
    expect(symptoms({ ports: [{ number: 443, name: 'g', protocol: 'GRPC' }] })).toEqual(['tlsToPlain']);
    expect(symptoms({ ports: [{ number: 80, name: 'a', protocol: 'TLS' }] })).toEqual(['plainToTls']);
    // The sidecar is meant to originate TLS.
    expect(symptoms(http(80, { targetPort: 443 }))).toEqual([]);
  });

  test('UDP in a ServiceEntry has no effect', () => {
    expect(symptoms({ ports: [{ number: 53, name: 'dns', protocol: 'UDP' }] })).toEqual(['datagrams']);
  });

  test.each([
    ['no host', { hosts: [] }],
    ['the host *', { hosts: ['*'], resolution: 'NONE' }],
    ['no address', { addresses: ['api.example.com'] }],
    ['a block too long', { addresses: ['10.0.0.0/33'], resolution: 'NONE' }],
    [
      'several hosts on a TCP port',
      { hosts: ['a.example.com', 'b.example.com'], ...ADDRESS, ports: tcp(5432) },
    ],
    ['no port', { ports: [] }],
    ['an unknown protocol', { ports: [{ number: 1, name: 'a', protocol: 'QUIC' }] }],
    ['a port twice', { ports: [...tcp(5432), { number: 5432, name: 'b', protocol: 'TCP' }], ...ADDRESS }],
    [
      'a name twice',
      { ports: [...tcp(5432), { number: 5433, name: 'tcp-5432', protocol: 'TCP' }], ...ADDRESS },
    ],
    [
      'endpoints and a selector',
      { resolution: 'STATIC', endpoints: [{ address: '10.0.0.1' }], workloadSelector: {} },
    ],
    [
      'a port of an endpoint that is none',
      { endpoints: [{ address: 'a.example.com', ports: { other: 1 } }] },
    ],
    ['endpoints without resolution', { resolution: 'NONE', endpoints: [{ address: '10.0.0.1' }] }],
    ['a name for STATIC', { resolution: 'STATIC', endpoints: [{ address: 'a.example.com' }] }],
    ['a block for DNS', { addresses: ['10.0.0.0/8'] }],
    ['a socket for DNS', { endpoints: [{ address: 'unix:///a' }] }],
    ['two for one', { resolution: 'DNS_ROUND_ROBIN', endpoints: [{ address: 'a.b' }, { address: 'c.d' }] }],
    ['an exact host for DYNAMIC_DNS', { resolution: 'DYNAMIC_DNS' }],
    ['addresses for DYNAMIC_DNS', { resolution: 'DYNAMIC_DNS', hosts: ['*.a.b'], ...ADDRESS }],
    ['TCP for DYNAMIC_DNS', { resolution: 'DYNAMIC_DNS', hosts: ['*.a.b'], ports: tcp(1) }],
    ['exported to nobody', { exportTo: ['~'] }],
    ['exported to all and some', { exportTo: ['*', 'shop'] }],
  ])('a ServiceEntry is unknown to every sidecar: %s', (_, spec) => {
    expect(symptoms(spec)).toEqual(['unknownDestination']);
  });

  test('every fault of a ServiceEntry has a symptom in words', () => {
    for (const text of Object.values(SYMPTOMS)) expect(text).toMatch(/^[A-Z].*\.$/s);
  });
});

describe('ports that entries without addresses share', () => {
  const on = (number: number, name: string, more: object = {}) =>
    parsed({ hosts: [`${name}.example.com`], ports: tcp(number), ...more }, 'shop', name);
  const sharing = (...entries: readonly ServiceEntry[]) =>
    [...sharedPorts(entries).keys()].map(({ ref }) => ref.name).sort();

  test('entries without addresses that share a port are both at fault', () => {
    const a = on(5432, 'a');
    const b = on(5432, 'b');
    expect(sharing(a, b)).toEqual(['a', 'b']);
    expect(sharedPorts([a, b]).get(a)?.because).toContain('ServiceEntry shop/b takes TCP port 5432');
  });

  test('entries with addresses, without resolution, on another port, or with TLS do not share a port', () => {
    expect(sharing(on(5432, 'a'), on(5432, 'b', ADDRESS))).toEqual([]);
    expect(sharing(on(5432, 'a'), on(5432, 'b', { resolution: 'NONE' }))).toEqual([]);
    expect(sharing(on(5432, 'a'), on(5433, 'b'))).toEqual([]);
    const tls = { ports: [{ number: 443, name: 'a', protocol: 'TLS' }] };
    expect(sharing(on(443, 'a', tls), on(443, 'b', tls))).toEqual([]);
  });

  test('entries that no proxy gets together do not share a port', () => {
    const to = (...exportTo: string[]) => ({ exportTo });
    expect(sharing(on(5432, 'a', to('x')), on(5432, 'b', to('y')))).toEqual([]);
    expect(sharing(on(5432, 'a', to('x')), on(5432, 'b', to('y', 'x')))).toEqual(['a', 'b']);
    expect(sharing(on(5432, 'a', to('.')), on(5432, 'b', to('shop')))).toEqual(['a', 'b']);
    expect(sharing(on(5432, 'a', to('x')), on(5432, 'b', to('*')))).toEqual(['a', 'b']);
    expect(sharing(on(5432, 'a', to('~')), on(5432, 'b'))).toEqual([]);
  });

  test('shared ports are those that a comparison of all pairs finds', () => {
    const entry = fc
      .record({
        number: fc.constantFrom(1, 2),
        exportTo: fc.uniqueArray(fc.constantFrom('.', 'shop', 'x', 'y'), { maxLength: 2 }),
        addresses: fc.constantFrom([], ['10.0.0.1']),
        resolution: fc.constantFrom('DNS', 'NONE'),
      })
      .map(({ number, ...spec }) => ({ ...spec, ports: tcp(number) }));
    const places = ({ exportTo }: ServiceEntry) =>
      exportTo.length === 0 ? ['*'] : exportTo.map((name) => (name === '.' ? 'shop' : name));
    const meet = (a: ServiceEntry, b: ServiceEntry) =>
      places(a).some((place) => place === '*' || places(b).includes(place) || places(b).includes('*'));
    const matters = ({ addresses, resolution }: ServiceEntry) =>
      addresses.length === 0 && resolution !== 'NONE';
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (specs) => {
        const entries = specs.map((spec, i) => parsed(spec, 'shop', `e${i}`));
        const expected = entries.filter(
          (one) =>
            matters(one) &&
            entries.some(
              (other) =>
                other !== one &&
                matters(other) &&
                other.ports[0]?.number === one.ports[0]?.number &&
                meet(one, other),
            ),
        );
        expect(new Set(sharedPorts(entries).keys())).toEqual(new Set(expected));
      }),
      { numRuns: 500 },
    );
  });
});
