import { describe, expect, test } from '@jest/globals';
import { listAll } from '../../../lambda/collect/http/list.ts';
import type { ListItem } from '../../../lambda/collect/http/list-page.ts';
import type { Fault } from '../../support/faulty-server.ts';
import { aClock, aShelf, listUnder, none, only, type Plan, PODS, serve } from './listing.ts';

describe('a list', () => {
  test('a list is read page by page to its end', async () => {
    const { names, result, queries } = await listUnder(none);
    expect(names).toHaveLength(10);
    expect(new Set(names).size).toBe(10);
    expect(result).toMatchObject({ absent: false, pages: 3, items: 10, resourceVersion: '1010' });
    expect(result?.bytes).toBeGreaterThan(1000);
    expect(queries[0]).toBe('/api/v1/pods?limit=4');
    expect(queries[1]).toMatch(/^\/api\/v1\/pods\?limit=4&continue=\w+/);
  });

  test('a list asks for 500 objects at a time by default, and passes selectors on', async () => {
    const { api, server } = await serve(none);
    await listAll(api, { path: PODS, kind: 'Pod', query: { resourceVersion: '0' } }, aShelf(), aClock());
    expect(server.requests.map(({ url }) => url)).toEqual(['/api/v1/pods?resourceVersion=0&limit=500']);
  });

  test('an empty list is no failure', async () => {
    const { names, result } = await listUnder(none, { options: { objects: [] } });
    expect(names).toEqual([]);
    expect(result).toMatchObject({ absent: false, pages: 1, items: 0 });
  });

  test('a list of metadata carries no spec', async () => {
    const { api } = await serve(none);
    const items: ListItem[] = [];
    const handlers = { onPage: (page: readonly ListItem[]) => void items.push(...page), onRestart() {} };
    await listAll(api, { path: PODS, kind: 'Pod', metadataOnly: true }, handlers);
    expect(items).toHaveLength(10);
    expect(items.every((item) => !('spec' in item) && 'metadata' in item)).toBe(true);
  });

  test('a list of metadata accepts whole objects from a server that cannot omit the rest', async () => {
    const { api } = await serve(
      only(0, {
        kind: 'page',
        type: 'application/json',
        body: `{"kind":"PodList",${WHOLE},"items":[{"metadata":{"name":"a"}}]}`,
      }),
    );
    const shelf = aShelf();
    await listAll(api, { path: PODS, kind: 'Pod', metadataOnly: true }, shelf);
    expect(shelf.names).toEqual(['a']);
  });

  test('a list of metadata has null for its items where there are none', async () => {
    const metadata = '"metadata":{"resourceVersion":"7"}';
    const body = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",${metadata},"items":null}`;
    const plan = only(0, { kind: 'page', type: 'application/json', body });
    const { result } = await listUnder(plan, { request: { metadataOnly: true } });
    expect(result).toMatchObject({ items: 0, resourceVersion: '7' });
  });

  test('a list of an aggregated API needs no resourceVersion, nor the same one on each page', async () => {
    const page = (name: string, metadata: object): Fault => ({
      kind: 'page',
      type: 'application/json',
      body: JSON.stringify({
        kind: 'TierList',
        apiVersion: 'projectcalico.org/v3',
        metadata,
        items: [{ metadata: { name } }],
      }),
    });
    const pages = [page('a', { continue: 'more', resourceVersion: '1' }), page('b', {})];
    const request = { path: '/apis/projectcalico.org/v3/tiers', kind: 'Tier' };
    const plan: Plan = (index) => pages[index % 2] ?? null;
    const { names } = await listUnder(plan, { request: { ...request, aggregated: true } });
    expect(names).toEqual(['a', 'b']);
    const { error } = await listUnder(plan, { request });
    expect(error).toMatchObject({ reason: 'list-incomplete' });
  });

  test('a page is handed over while the next one is on its way', async () => {
    const { api, server } = await serve(none);
    const asked: number[] = [];
    const handlers = {
      async onPage() {
        const pages = asked.length + 2;
        while (server.requests.length < Math.min(pages, 3)) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        asked.push(server.requests.length);
      },
      onRestart() {},
    };
    await listAll(api, { path: PODS, kind: 'Pod', limit: 4 }, handlers);
    expect(asked).toEqual([2, 3, 3]);
  });

  test('an error of the page handler is passed through and ends the requests', async () => {
    const { api, server } = await serve(none);
    const handlers = {
      onPage() {
        throw new TypeError('mine');
      },
      onRestart() {},
    };
    await expect(listAll(api, { path: PODS, kind: 'Pod', limit: 1 }, handlers)).rejects.toThrow(
      new TypeError('mine'),
    );
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  test('a list stops when it is aborted', async () => {
    const { api } = await serve(() => ({ kind: 'stall' }));
    const abort = new AbortController();
    const listing = listAll(api, { path: PODS, kind: 'Pod', signal: abort.signal }, aShelf());
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(listing).rejects.toThrow('enough');
  });
});

/** What the metadata of a list has at least, behind its apiVersion. */
const WHOLE = '"apiVersion":"v1","metadata":{"resourceVersion":"1"}';

describe('answers that are no list', () => {
  test.each<[string, string, string]>([
    ['a login page', 'text/html', '<html>Sign in</html>'],
    ['text without a type', '', 'hello'],
    ['a Status', 'application/json', '{"kind":"Status","status":"Success"}'],
    ['another object', 'application/json', '{"kind":"Pod","metadata":{"name":"x"}}'],
    ['something else that has items', 'application/json', '{"kind":"Shelf","metadata":{},"items":[]}'],
    ['a list of anything', 'application/json', `{"kind":"List",${WHOLE},"items":[]}`],
    ['a list of another kind', 'application/json', `{"kind":"NodeList",${WHOLE},"items":[]}`],
    [
      'a list of another group',
      'application/json',
      `{"kind":"PodList",${WHOLE.replace('v1', 'a/v1')},"items":[]}`,
    ],
    [
      'a list of no group',
      'application/json',
      '{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]}',
    ],
    [
      'a list of metadata that was not asked for',
      'application/json',
      `{"kind":"PartialObjectMetadataList",${WHOLE.replace('v1', 'meta.k8s.io/v1')},"items":[]}`,
    ],
    ['an array', 'application/json', '[]'],
    ['null', 'application/json', 'null'],
  ])('an answer that is %s is an error without a retry', async (_name, type, body) => {
    const { error, queries } = await listUnder(() => ({ kind: 'page', type, body }));
    expect(error).toMatchObject({ reason: 'server-error' });
    expect(error?.message).toMatch(/instead of that list\.$/);
    expect(queries).toHaveLength(1);
  });

  test('a redirect is an error, and is not followed', async () => {
    const { error, queries } = await listUnder(() => ({
      kind: 'page',
      status: 302,
      type: 'text/html',
      body: '',
    }));
    expect(error?.message).toMatch(/redirect/);
    expect(queries).toHaveLength(1);
  });
});

describe('refused lists', () => {
  test('a 403 names what may not be listed and which permission is missing', async () => {
    const path = '/apis/networking.k8s.io/v1/networkpolicies';
    const options = { deny: [{ resource: 'networkpolicies' }] };
    const { error, queries } = await listUnder(none, { options, request: { path } });
    expect(queries).toHaveLength(1);
    expect(error).toMatchObject({ reason: 'forbidden' });
    expect(error?.message).toBe(
      'This identity may not list networkpolicies.networking.k8s.io in all namespaces: networkpolicies.networking.k8s.io is forbidden: User "eks-drift-auditor" cannot list resource "networkpolicies" in API group "networking.k8s.io" at the cluster scope.',
    );
    expect(error?.remedy).toBe(
      'Grant it the verb list on the resource "networkpolicies" in the API group "networking.k8s.io" with a ClusterRole and ClusterRoleBinding.',
    );
  });

  test('a 403 in a namespace asks for a Role', async () => {
    const { error } = await listUnder(none, {
      options: { deny: [{ resource: 'pods' }] },
      request: { path: '/api/v1/namespaces/shop/pods' },
    });
    expect(error?.message).toMatch(/^This identity may not list pods in the namespace shop: /);
    expect(error?.remedy).toMatch(/API group "" with a Role and RoleBinding/);
  });

  test('a 403 without credentials asks for credentials, not for permissions', async () => {
    const options = { deny: [{ resource: 'pods' }], user: 'system:anonymous' };
    const { error } = await listUnder(none, { options });
    expect(error).toMatchObject({ reason: 'forbidden' });
    expect(error?.remedy).toMatch(/No credentials reached the server/);
  });

  test('a repeated 401 is reported as unauthorized', async () => {
    const { error } = await listUnder(none, { options: { token: 'secret' } });
    expect(error).toMatchObject({ reason: 'unauthorized' });
    expect(error?.remedy).toMatch(/https:\/\/ address/);
  });

  test('the message of the server is shown in one printable line', async () => {
    const body = JSON.stringify({ kind: 'Status', message: `no\u001b[31m\n${'x'.repeat(1000)}` });
    const { error } = await listUnder(() => ({ kind: 'page', status: 403, type: 'application/json', body }));
    expect(error?.message.length).toBeLessThan(600);
    expect(error?.message).not.toMatch(/\p{Cc}/u);
  });
});

describe('a resource that the server does not have', () => {
  const path = '/apis/cilium.io/v2/ciliumnetworkpolicies';

  test.each(['of a group it has', 'of a group it does not have'])(
    'a missing resource is absent where that is allowed, which is not the same as empty: %s',
    async (which) => {
      const served = which === 'of a group it has' ? '/apis/apps/v1/nothing' : path;
      const { result } = await listUnder(none, { request: { path: served, optional: true } });
      expect(result).toMatchObject({ absent: true, pages: 0, items: 0 });
    },
  );

  test('a missing resource is an error where it is required', async () => {
    const { error } = await listUnder(none, { request: { path } });
    expect(error).toMatchObject({ reason: 'server-error' });
    expect(error?.message).toMatch(/does not know ciliumnetworkpolicies\.cilium\.io \(404\)/);
  });

  test('a missing resource is not inferred from the 404 of a web server', async () => {
    const plan: Plan = () => ({ kind: 'page', status: 404, type: 'text/html', body: '<h1>Not Found</h1>' });
    const { error } = await listUnder(plan, { request: { path, optional: true } });
    expect(error).toMatchObject({ reason: 'server-error' });
  });

  test('a resource that disappears in the middle of its list is an error', async () => {
    const gone: Fault = { kind: 'page', status: 404, type: 'text/plain', body: '404 page not found' };
    const { error } = await listUnder(only(1, gone), { request: { optional: true } });
    expect(error).toMatchObject({ reason: 'server-error' });
  });
});
