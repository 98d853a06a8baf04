import { describe, expect, test } from '@jest/globals';
import { readEngineSettings } from '../../../lambda/collect/engines/read-engine-settings.ts';
import { discoverKinds } from '../../../lambda/collect/policies/served-kinds.ts';
import { openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import type { DeclaredNetwork, EngineSettings } from '../../../lambda/inventory/engine-settings.ts';
import type { NodeNetwork } from '../../../lambda/inventory/node-network.ts';
import type { PolicyAgent } from '../../../lambda/inventory/policy-agent.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import {
  type ApiServerOptions,
  type Respond,
  send,
  startApiServer,
} from '../../support/kube-server/api-server.ts';
import { DEEP } from '../../support/runs.ts';

const cleanups = closedAfterEach();

const agent = (engine: PolicyAgent['engine'], facts: Partial<PolicyAgent> = {}): PolicyAgent => ({
  engine,
  container: engine,
  version: null,
  enabled: true,
  running: true,
  ipv6: false,
  mode: null,
  egressV4: null,
  egressV6: null,
  ...facts,
});
const ec2 = (...agents: readonly PolicyAgent[]): NodeNetwork => ({ compute: 'ec2', agents });
const auto: NodeNetwork = { compute: 'auto', nodeClass: 'default', agents: [] };

const configMap = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'kube-system' },
  data,
});
const controllerOn = configMap('amazon-vpc-cni', { 'enable-network-policy-controller': 'true' });
const nodeClass = (spec: object) => ({
  apiVersion: 'eks.amazonaws.com/v1',
  kind: 'NodeClass',
  metadata: { name: 'default' },
  spec,
});
const node = (address: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-a' },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

interface Facts extends Partial<ApiServerOptions> {
  readonly objects?: readonly object[];
  readonly respond?: Respond;
  readonly declared?: Partial<DeclaredNetwork>;
}

async function read(
  kinds: readonly NodeNetwork[],
  { objects = [], respond = send, declared = {}, ...server }: Facts = {},
): Promise<EngineSettings & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const { url, close } = await startApiServer({ objects, ...server }, (request, response, answer) => {
    asked.push(request.url ?? '');
    return respond(request, response, answer);
  });
  const api = openKubeApi({ server: url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(close, () => api.close());
  const nothing = { ipFamily: null, networkPolicy: null };
  const served = await discoverKinds(api);
  asked.length = 0;
  const settings = await readEngineSettings(api, kinds, { declared: { ...nothing, ...declared }, served });
  return { ...settings, asked: asked.sort() };
}

const CNI = '/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni';
const NODE = '/api/v1/nodes?limit=1';
const CILIUM = '/api/v1/namespaces/kube-system/configmaps/cilium-config';

describe('requests for the settings of engines', () => {
  test.each<[string, readonly NodeNetwork[], readonly string[]]>([
    // Of a family that pods do not have nothing is reachable, whoever enforces policies.
    ['no engine', [ec2()], [NODE]],
    ['an engine that keeps nothing elsewhere', [ec2(agent('calico'))], [NODE]],
    ['no node', [], []],
    ['the VPC CNI', [ec2(agent('vpc-cni'))], [CNI]],
    ['a VPC CNI that is switched off', [ec2(agent('vpc-cni', { enabled: false }))], []],
    ['a VPC CNI that does not tell its family', [ec2(agent('vpc-cni', { ipv6: null }))], [CNI, NODE]],
    ['Cilium', [ec2(agent('cilium'))], [CILIUM, NODE]],
    ['Auto Mode', [auto], ['/apis/eks.amazonaws.com/v1/nodeclasses?limit=500', CNI, NODE]],
  ])('only the settings that the nodes need are requested: %s', async (_, kinds, paths) => {
    const objects = [controllerOn, configMap('cilium-config', {}), nodeClass({}), node('10.0.0.1')];
    expect((await read(kinds, { objects })).asked).toEqual([...paths].sort());
  });

  test('settings that EKS returned are not requested again', async () => {
    const { asked, ipFamily } = await read([auto], { declared: { ipFamily: 'ipv6' } });
    expect(asked.filter((path) => path.includes('nodes?'))).toEqual([]);
    expect(ipFamily).toBe('ipv6');
  });
});

describe('the controller of the VPC CNI', () => {
  const onNode = [ec2(agent('vpc-cni'))];

  test('the VPC CNI controller is on only where the ConfigMap says so', async () => {
    const off = configMap('amazon-vpc-cni', {});
    expect((await read(onNode, { objects: [controllerOn] })).vpcCniController).toEqual({ known: true });
    expect((await read(onNode, { objects: [off] })).vpcCniController).toEqual({ known: false });
    expect((await read(onNode)).vpcCniController).toEqual({ known: false });
  });

  test('the VPC CNI controller is unknown where the ConfigMap may not be read, with the permission to grant', async () => {
    const { vpcCniController } = await read(onNode, {
      objects: [controllerOn],
      deny: [{ resource: 'configmaps' }],
    });
    expect(vpcCniController).toMatchObject({
      unread: {
        reason: 'forbidden',
        message: 'The ConfigMap kube-system/amazon-vpc-cni may not be read by this identity.',
        remedy: expect.stringMatching(/eks-drift-audit access/),
      },
    });
  });

  test('the VPC CNI controller is on where the add-on says so and the ConfigMap may not be read', async () => {
    const deny = [{ resource: 'configmaps' }];
    const told = (networkPolicy: boolean) => read(onNode, { deny, declared: { networkPolicy } });
    expect((await told(true)).vpcCniController).toEqual({ known: true });
    // It may have been applied without the add-on.
    expect((await told(false)).vpcCniController).toMatchObject({ unread: { reason: 'forbidden' } });
  });

  test('the ConfigMap of the VPC CNI wins where the add-on says otherwise', async () => {
    const off = configMap('amazon-vpc-cni', { 'enable-network-policy-controller': 'false' });
    const { vpcCniController } = await read(onNode, { objects: [off], declared: { networkPolicy: true } });
    expect(vpcCniController).toEqual({ known: false });
  });

  test.each<[string, number, string]>([
    ['a 404 of something in between', 404, '<html>not here</html>'],
    ['a 404 about something else', 404, '{"kind":"Status","details":{"name":"other"}}'],
    // Asked for again, with the waits of a live audit.
    ...(DEEP ? [['no JSON', 200, 'ok'] as [string, number, string]] : []),
    ['another object', 200, '[]'],
    ['data of another shape', 200, '{"data":{"a":1}}'],
  ])('the VPC CNI controller is unknown after %s', async (_, status, body) => {
    const respond: Respond = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body);
    };
    expect((await read(onNode, { respond })).vpcCniController).toHaveProperty('unread');
  });
});

describe('Cilium', () => {
  test('the settings of Cilium are unknown where its ConfigMap is elsewhere', async () => {
    const { cilium } = await read([ec2(agent('cilium'))]);
    expect(cilium).toMatchObject({ unread: { message: expect.stringMatching(/does not exist/) } });
  });

  test('the flags of Cilium have their defaults', async () => {
    const objects = [configMap('cilium-config', { 'enable-policy': 'Never', 'policy-audit-mode': 'maybe' })];
    expect((await read([ec2(agent('cilium'))], { objects })).cilium).toEqual({
      known: {
        enforcement: 'never',
        audit: null,
        core: true,
        clusterNetworkPolicy: false,
        own: true,
        ownClusterwide: true,
        hostFirewall: false,
        identityLabels: '',
        chaining: 'none',
      },
    });
  });
});

describe('flags that a CiliumNodeConfig sets on some nodes', () => {
  const onNode = [ec2(agent('cilium'))];
  const config = configMap('cilium-config', {});
  const nodeConfig = (spec: object, version = 'v2') => ({
    apiVersion: `cilium.io/${version}`,
    kind: 'CiliumNodeConfig',
    metadata: { name: 'migrating', namespace: 'kube-system' },
    spec,
  });
  const off = nodeConfig({ nodeSelector: {}, defaults: { 'enable-policy': 'never' } });
  const known = { known: expect.objectContaining({ enforcement: 'default' }) };

  test.each(['v2', 'v2alpha1'])(
    'a CiliumNodeConfig leaves unknown what Cilium enforces (%s)',
    async (version) => {
      const one = nodeConfig({ nodeSelector: {}, defaults: { 'policy-audit-mode': 'true' } }, version);
      expect((await read(onNode, { objects: [config, one] })).cilium).toMatchObject({
        unread: {
          message: expect.stringMatching(
            /^CiliumNodeConfig kube-system\/migrating sets policy-audit-mode on some/,
          ),
          remedy: 'Set policy-audit-mode in cilium-config alone.',
        },
      });
    },
  );

  test('the flags of a CiliumNodeConfig count whichever of several sets them', async () => {
    const other = { ...nodeConfig({ defaults: { debug: 'true' } }), metadata: { name: 'a', namespace: 'x' } };
    expect((await read(onNode, { objects: [config, other, off] })).cilium).toHaveProperty('unread');
  });

  test('a CiliumNodeConfig changes nothing where it affects no policy, or where there is none', async () => {
    const debug = nodeConfig({ defaults: { debug: 'true' } });
    const found = await read(onNode, { objects: [config, debug] });
    expect([found.cilium, found.ciliumNodeConfigsRead]).toEqual([known, true]);
    expect(found.asked).toContain('/apis/cilium.io/v2/ciliumnodeconfigs?limit=500');
    const absent = await read(onNode, { objects: [config] });
    expect([absent.cilium, absent.ciliumNodeConfigsRead]).toEqual([known, true]);
  });

  test('flags of nodes are unknown where CiliumNodeConfigs may not be listed, with the permission to grant', async () => {
    const deny = [{ resource: 'ciliumnodeconfigs' }];
    expect((await read(onNode, { objects: [config, off], deny })).cilium).toMatchObject({
      unread: {
        reason: 'forbidden',
        message: 'The list of CiliumNodeConfigs may not be read by this identity.',
        remedy: expect.stringMatching(/eks-drift-audit access/),
      },
    });
  });

  test('flags of nodes are unknown where a CiliumNodeConfig cannot be understood', async () => {
    const objects = [config, nodeConfig({ defaults: 'enable-policy: never' })];
    expect((await read(onNode, { objects })).cilium).toMatchObject({
      unread: { reason: 'malformed-object' },
    });
  });

  test.each(['/apis', '/apis/cilium.io/v2', '/apis/cilium.io/v2/ciliumnodeconfigs'])(
    'flags of nodes are unknown where %s is not answered',
    async (path) => {
      const respond: Respond = (request, response, answer) => {
        if (new URL(request.url ?? '', 'http://x').pathname !== path) return send(request, response, answer);
        response.writeHead(404, { 'content-type': 'text/html' });
        response.end('<html>not here</html>');
      };
      expect((await read(onNode, { objects: [config, off], respond })).cilium).toHaveProperty('unread');
    },
  );

  test('CiliumNodeConfigs are not requested where Cilium does not run', async () => {
    const { asked } = await read([ec2(agent('calico'))], { objects: [off] });
    expect(asked).toEqual([NODE]);
  });
});

describe('Auto Mode', () => {
  const objects = [controllerOn, nodeClass({ networkPolicy: 'DefaultDeny' }), node('2001:db8::1')];

  test('Auto Mode has its NodeClasses, and the IP family of its nodes', async () => {
    const { nodeClasses, ipFamily } = await read([auto], { objects });
    expect(nodeClasses).toEqual({ known: new Map([['default', 'DefaultDeny']]) });
    expect(ipFamily).toBe('ipv6');
  });

  test('Auto Mode is unknown where NodeClasses may not be listed', async () => {
    const { nodeClasses } = await read([auto], { objects, deny: [{ resource: 'nodeclasses' }] });
    expect(nodeClasses).toMatchObject({ unread: { reason: 'forbidden' } });
  });
});
