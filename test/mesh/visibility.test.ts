import { describe, expect, test } from '@jest/globals';
import type { MeshConfigs } from '../../lambda/inventory/mesh.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { aContainer } from '../support/builders.ts';
import { aMember, aMesh, anEntry, aSidecar, configs, type Meshed, proxy } from './builders.ts';

/** Whether the proxies of a pod know the entry. */
function knows(
  entry: PolicyObject,
  sidecars: readonly PolicyObject[] = [],
  { unread = false, ...member }: Meshed & { readonly unread?: boolean } = {},
) {
  const meshConfigs: MeshConfigs = unread ? new Map() : configs();
  const mesh = aMesh({ classes: [aMember(member)], mesh: [entry, ...sidecars], meshConfigs });
  const [found] = mesh.entries;
  if (found === undefined || 'unread' in found.entry) throw new Error('the entry is not understood');
  const { knowing, open } = mesh.audience(found.entry.known);
  return knowing.length > 0 ? 'yes' : open.length > 0 ? 'open' : 'no';
}
const importing = (...hosts: readonly string[]) => aSidecar({ egress: [{ hosts }] });
const inOther = (exportTo: readonly string[]) => anEntry({ exportTo }, 'other');

describe('who knows an entry', () => {
  test('every workload to which a ServiceEntry is exported knows it', () => {
    expect(knows(inOther([]))).toBe('yes');
    expect(knows(inOther(['*']))).toBe('yes');
    expect(knows(inOther(['shop', 'x']))).toBe('yes');
    expect(knows(inOther(['.']))).toBe('no');
    expect(knows(inOther(['~']))).toBe('no');
    expect(knows(inOther(['other']))).toBe('no');
    expect(knows(anEntry({ exportTo: ['.'] }))).toBe('yes');
  });

  test('gateways know an entry too, ambient pods whatever exportTo says, and pods outside the mesh never', () => {
    expect(knows(inOther([]), [], { containers: [proxy()] })).toBe('yes');
    expect(knows(inOther(['.']), [], { containers: [proxy()] })).toBe('no');
    const annotations = { 'ambient.istio.io/redirection': 'enabled' };
    expect(knows(inOther(['.']), [], { containers: [aContainer()], annotations })).toBe('yes');
    expect(knows(inOther([]), [], { containers: [aContainer()] })).toBe('no');
  });

  test.each([
    ['*/*', 'yes'],
    ['other/*', 'yes'],
    ['other/api.example.com', 'yes'],
    ['*/*.example.com', 'yes'],
    ['*/*.com', 'yes'],
    ['./*', 'no'],
    ['./api.example.com', 'no'],
    ['other/web.example.com', 'no'],
    ['*/*.api.example.com', 'no'],
    ['x/*', 'no'],
    ['~/*', 'no'],
  ])('whether a workload knows the entry where its Sidecar imports %s: %s', (host, expected) => {
    expect(knows(inOther([]), [importing(host)])).toBe(expected);
  });

  test('a Sidecar does not import what it excludes again', () => {
    expect(knows(inOther([]), [importing('*/*', '~other/*')])).toBe('no');
    expect(knows(inOther([]), [importing('*/*', '~x/*')])).toBe('yes');
    expect(knows(inOther([]), [importing('*/*', '~/api.example.com')])).toBe('no');
    expect(knows(inOther([]), [importing('*/*', '~other/*.example.com')])).toBe('no');
  });

  test('a wildcard entry is imported by an equal or wider wildcard alone', () => {
    const wildcard = anEntry({ hosts: ['*.example.com'], resolution: 'NONE' }, 'other');
    expect(knows(wildcard, [importing('*/*.example.com')])).toBe('yes');
    expect(knows(wildcard, [importing('*/*.com')])).toBe('yes');
    expect(knows(wildcard, [importing('*/api.example.com')])).toBe('no');
    expect(knows(wildcard, [importing('*/*.api.example.com')])).toBe('no');
  });

  test('a listener with a port imports for that port, a generic proxy for all', () => {
    const on = (port: object) => aSidecar({ egress: [{ port, hosts: ['*/*'] }] });
    expect(knows(inOther([]), [on({ number: 443, protocol: 'TLS' })])).toBe('yes');
    expect(knows(inOther([]), [on({ number: 80, protocol: 'HTTP' })])).toBe('no');
    expect(knows(inOther([]), [on({ number: 15080, protocol: 'HTTP_PROXY' })])).toBe('yes');
    expect(knows(inOther([]), [on({ number: 0 })])).toBe('yes');
  });

  test('a Sidecar without listeners imports everything', () => {
    expect(knows(inOther([]), [aSidecar({ egress: [] })])).toBe('yes');
    expect(knows(inOther([]), [aSidecar({})])).toBe('yes');
  });

  test.each([{ egress: [{}] }, { egress: [{ hosts: ['nonsense'] }] }, { egress: 'x' }, { egres: [] }])(
    'visibility is unknown where the Sidecar is %j',
    (spec) => expect(knows(inOther([]), [aSidecar(spec)])).toBe('open'),
  );

  test('visibility is unknown without the mesh configuration where some Sidecar may be the root one', () => {
    const elsewhere = aSidecar({ egress: [{ hosts: ['./*'] }] }, 'somewhere');
    const selecting = aSidecar({ workloadSelector: { labels: { app: 'x' } } }, 'somewhere');
    expect(knows(inOther([]), [elsewhere])).toBe('yes');
    expect(knows(inOther([]), [elsewhere], { unread: true })).toBe('open');
    expect(knows(inOther([]), [aSidecar('strange', 'somewhere')], { unread: true })).toBe('open');
    expect(knows(inOther([]), [selecting], { unread: true })).toBe('yes');
    expect(knows(inOther([]), [], { unread: true })).toBe('yes');
  });

  test('visibility is unknown where two Sidecars apply with equal precedence', () => {
    const two = [aSidecar({}, 'shop', 'a'), aSidecar({}, 'shop', 'b')];
    expect(knows(inOther([]), two)).toBe('open');
  });
});
