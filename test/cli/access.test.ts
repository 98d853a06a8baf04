import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { clusterAccess } from '../../lambda/access/manifests.ts';
import { accessRules } from '../../lambda/access/rules.ts';
import { EXIT } from '../../lambda/cli/exit-code.ts';
import { kubeconfigOf } from '../support/kubeconfig.ts';
import { type Listening, onLoopback } from '../support/on-loopback.ts';
import { run } from './run.ts';

interface Asked {
  readonly url: string;
  readonly spec: {
    readonly groups?: readonly string[];
    readonly resourceAttributes: {
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly verb: string;
      readonly namespace?: string;
      readonly name?: string;
    };
  };
}

interface Grant {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: readonly string[];
  /** Of a Role. */
  readonly namespace?: string;
}

/** Answers access reviews by the rules of a ClusterRole and of Roles, as the RBAC authoriser does. */
class Authoriser {
  grants: readonly Grant[] = [];
  status = 201;
  readonly asked: Asked[] = [];

  async answer(request: IncomingMessage): Promise<string> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { spec, ...type } = JSON.parse(Buffer.concat(parts).toString()) as Asked;
    this.asked.push({ url: `${request.method} ${request.url}`, spec });
    const { group, resource, subresource, verb, namespace, name } = spec.resourceAttributes;
    const what = subresource === undefined ? resource : `${resource}/${subresource}`;
    const allowed = this.grants.some(
      (rule) =>
        rule.apiGroups.includes(group) &&
        rule.resources.includes(what) &&
        rule.verbs.includes(verb) &&
        (rule.namespace === undefined || rule.namespace === namespace) &&
        (rule.resourceNames === undefined || rule.resourceNames.includes(name ?? '')),
    );
    return JSON.stringify({ ...type, status: { allowed } });
  }
}

let authoriser: Authoriser;
let server: Listening;
let folder: string;
let kubeconfig: string;

beforeEach(async () => {
  authoriser = new Authoriser();
  server = await onLoopback(
    createServer(async (request, response) => {
      const body = await authoriser.answer(request);
      response.writeHead(authoriser.status, { 'content-type': 'application/json' }).end(body);
    }),
  );
  folder = mkdtempSync(join(tmpdir(), 'access-'));
  kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, kubeconfigOf({ server: server.url }, { contexts: ['test'] }));
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const check = (...flags: readonly string[]) => run(['access', 'check', '--kubeconfig', kubeconfig, ...flags]);
const grantsOf = () =>
  clusterAccess(accessRules()).flatMap(({ metadata, ...manifest }) =>
    ((manifest['rules'] ?? []) as readonly Grant[]).map((rule) => ({ ...rule, ...metadata })),
  );

describe('the help of commands that do something without a subcommand', () => {
  test.each([
    ['access', 'print', '--principal-arn'],
    ['checks', 'list', '--output'],
  ])('%s names %s, whose help has the options', async (command, subcommand, option) => {
    expect((await run([command, '--help'])).stdout).toContain(`${subcommand} [options]`);
    expect((await run([command, subcommand, '--help'])).stdout).toContain(option);
  });
});

describe('access check', () => {
  test('the shipped ClusterRole grants everything and nothing too much', async () => {
    authoriser.grants = grantsOf();
    const { code, stdout } = await check();
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('✓ The cluster test grants you everything that an audit reads.');
    expect(stdout).not.toContain('NO ');
    expect(stdout).not.toContain('more than an audit needs');
    expect(
      authoriser.asked.every(({ url }) => url.startsWith('POST /apis/authorization.k8s.io/v1/selfsubject')),
    ).toBe(true);
  });

  test('a missing permission is named with the checks that need it', async () => {
    authoriser.grants = grantsOf().filter(({ resources }) => !resources.includes('networkpolicies'));
    const { code, stdout } = await check();
    expect(code).toBe(EXIT.incomplete);
    expect(stdout).toMatch(/NO +list +networkpolicies\.networking\.k8s\.io/);
    expect(stdout).toContain('egress-unrestricted');
  });

  test('a single object that may not be read is named with its namespace', async () => {
    authoriser.grants = grantsOf().filter(({ resources }) => !resources.includes('configmaps'));
    const { code, stdout } = await check();
    expect(code).toBe(EXIT.incomplete);
    expect(stdout).toMatch(/NO +get +configmaps kube-system\/amazon-vpc-cni/);
    expect(stdout).toContain('egress-policy-not-enforced');
  });

  test('a role that may read secrets is reported, but is not a failure', async () => {
    authoriser.grants = [...grantsOf(), { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }];
    const { code, stdout } = await check();
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('more than an audit needs: get secrets, list secrets.');
  });

  test('an administrator can check the permissions of the group', async () => {
    authoriser.grants = grantsOf();
    const { code, stdout } = await check('--group');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('members of eks-drift-auditor');
    expect(authoriser.asked[0]?.spec.groups).toEqual(['eks-drift-auditor', 'system:authenticated']);
  });

  test('the group of the measuring role may read the statistics of nodes, and more of it is reported', async () => {
    const stats = { apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] };
    authoriser.grants = [stats];
    const clean = await check('--group', 'eks-drift-auditor-measure');
    expect(clean.code).toBe(EXIT.ok);
    expect(clean.stdout).not.toContain('more than an audit needs');
    authoriser.grants = [stats, { apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
    expect((await check('--group', 'eks-drift-auditor-measure')).stdout).toContain(
      'more than an audit needs: list pods.',
    );
    authoriser.grants = [];
    expect((await check('--group', 'eks-drift-auditor-measure')).code).toBe(EXIT.incomplete);
  });

  test('statistics of nodes are too much for the auditor, whose tokens nodes never see', async () => {
    authoriser.grants = [...grantsOf(), { apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] }];
    expect((await check()).stdout).toContain('more than an audit needs: get nodes/stats.');
  });

  test('an unanswered access review is an error and never a no', async () => {
    authoriser.status = 403;
    const { code, stdout, stderr } = await check('--group');
    expect(code).toBe(EXIT.noTarget);
    expect(stdout).toBe('');
    expect(stderr).toContain('did not say clearly what is allowed (403)');
  });

  test('the access check as JSON is one document', async () => {
    authoriser.grants = grantsOf().slice(1);
    const document = JSON.parse((await check('-o', 'json')).stdout);
    expect(document).toMatchObject({ cluster: 'test', subject: 'self', complete: false, excess: [] });
    expect(document.rules[0]).toMatchObject({ resource: 'pods', verb: 'list', allowed: false });
  });
});

describe('access', () => {
  test('the access command prints a manifest for kubectl, with all other steps in comments', async () => {
    const arn = 'arn:aws:iam::999988887777:role/EksDriftAuditor';
    const { code, stdout } = await run([
      'access',
      '--cluster',
      'prod-1',
      '--region',
      'eu-west-1',
      '--principal-arn',
      arn,
    ]);
    expect(code).toBe(EXIT.ok);
    expect(parseAllDocuments(stdout).map((document) => document.toJS())).toEqual(
      clusterAccess(accessRules()),
    );
    expect(stdout).toContain(
      `#    aws eks create-access-entry --region eu-west-1 --cluster-name prod-1 --principal-arn ${arn} --kubernetes-groups eks-drift-auditor\n`,
    );
    expect(stdout).toContain(`#      - rolearn: ${arn}\n`);
    expect(stdout).not.toContain('is a placeholder for the account');
  });

  test('the access command says where the account is a placeholder', async () => {
    expect((await run(['access', '--cluster', 'prod-1'])).stdout).toContain(
      '111122223333 is a placeholder for the account',
    );
  });

  test('for kubelets the command prints a second role, with an access entry of its own', async () => {
    const arn = 'arn:aws:iam::999988887777:role/team/EksDriftAuditor';
    const { code, stdout } = await run([
      'access',
      '--cluster',
      'c',
      '--principal-arn',
      arn,
      '--measure',
      'kubelet',
    ]);
    expect(code).toBe(EXIT.ok);
    const measuring = 'eks-drift-auditor-measure';
    expect(parseAllDocuments(stdout).map((document) => document.toJS())).toEqual([
      ...clusterAccess(accessRules()),
      expect.objectContaining({
        kind: 'ClusterRole',
        metadata: { name: measuring },
        rules: [{ apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] }],
      }),
      expect.objectContaining({
        kind: 'ClusterRoleBinding',
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: measuring },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: measuring }],
      }),
    ]);
    expect(stdout).toContain(
      `#    aws eks create-access-entry --cluster-name c --principal-arn arn:aws:iam::999988887777:role/EksDriftAuditorMeasure --kubernetes-groups ${measuring}\n`,
    );
  });

  test('the way through the API server is printed with its warning, as a role beside that of the auditor', async () => {
    const { stdout } = await run(['access', '--cluster', 'c', '--measure', 'api-server-proxy']);
    expect(stdout).toContain('# WARNING: measure.writableLayer: api-server-proxy needs get on nodes/proxy');
    const [role] = parseAllDocuments(stdout)
      .map((document) => document.toJS())
      .slice(clusterAccess(accessRules()).length);
    expect(role).toMatchObject({
      kind: 'ClusterRole',
      metadata: { name: 'eks-drift-auditor-node-proxy' },
      rules: [{ resources: ['nodes/proxy'], verbs: ['get'] }],
    });
  });

  test('without --measure nothing is granted on nodes but to list them', async () => {
    expect((await run(['access', '--cluster', 'c'])).stdout).not.toMatch(/nodes\/|measure/);
  });

  test.each([
    [['--cluster', '$(reboot)'], 'takes the name of a cluster'],
    [['--cluster', 'a', '--region', 'x;y'], '--region takes a region'],
    [
      ['--cluster', 'a', '--principal-arn', 'arn:aws:iam::1:user/x'],
      '--principal-arn takes the ARN of a role',
    ],
    [[], '--cluster'],
    [['--cluster', 'a', '--measure', 'ssh'], 'Allowed choices are kubelet, api-server-proxy'],
    [['--cluster', 'a', '--measure-principal-arn', 'x'], 'add --measure kubelet'],
    [
      ['--cluster', 'a', '--measure', 'kubelet', '--measure-principal-arn', 'x'],
      '--measure-principal-arn takes the ARN of a role',
    ],
    [
      [
        '--cluster',
        'a',
        '--measure',
        'kubelet',
        '--measure-principal-arn',
        'arn:aws:iam::111122223333:role/EksDriftAuditor',
      ],
      'must be another role than --principal-arn',
    ],
  ])('the arguments %j of the access command are refused', async (flags, message) => {
    const { code, stderr } = await run(['access', ...flags]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain(message);
  });
});

describe('access --registry', () => {
  test.each([
    ['metadata', false, false],
    ['sbom-presence', true, false],
    ['sbom-collect', true, true],
  ])(
    '%s prints the statements that the level takes, and warns of those that may pull',
    async (level, manifests, layers) => {
      const { code, stdout } = await run(['access', '--cluster', 'prod', '--registry', level]);
      expect(code).toBe(EXIT.ok);
      expect(stdout).toContain('"ecr:DescribeImages"');
      expect(stdout.includes('"ecr:BatchGetImage"')).toBe(manifests);
      expect(stdout.includes('"ecr:GetDownloadUrlForLayer"')).toBe(layers);
      expect(stdout.includes('WARNING: images.registry')).toBe(manifests);
    },
  );
});
