import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aManifest, aPodOf, audited, type Fields, NOW } from '../fixes/audited.ts';
import { type Row, writtenFixes } from '../fixes/written.ts';
import { run } from './run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-cli-fixes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fixes = (objects: readonly Fields[], args: readonly string[] = []) =>
  run(
    ['fixes', '--snapshot', '-', '--now', NOW, ...args],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  );
const rowsOf = async (objects: readonly Fields[], args: readonly string[] = []) =>
  JSON.parse((await fixes(objects, ['-o', 'json', ...args])).stdout) as readonly Row[];

/** A Deployment of the namespace shop whose pods have the label `app`. */
function aDeployment(name: string, spec: Fields = {}): Fields {
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'app', image: 'a:1' }], ...spec },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { template },
  };
}

const aPolicy = (name: string, app: string, egress: readonly Fields[]): Fields => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Egress'], egress },
});

describe('fixes', () => {
  test.each([
    ['shop/wbe', 'There is no workload shop/wbe in what was audited; did you mean shop/web?'],
    ['shop/Job/web', 'There is no workload shop/Job/web in what was audited'],
    ['shpo/', 'There is no workload shpo/ in what was audited; did you mean shop/?'],
  ])('a name that no workload has is an error, not a workload without changes: %s', async (name, message) => {
    const { code, stdout, stderr } = await fixes([aDeployment('web')], [name]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('every open finding is in exactly one change, and what resolves most comes first', async () => {
    const objects = [aDeployment('web'), aDeployment('api', { volumes: [{ name: 'tmp', emptyDir: {} }] })];
    const rows = await rowsOf(objects);
    const ids = rows.flatMap(({ causes }) => causes.flatMap(({ findings }) => findings));
    expect(ids.toSorted()).toEqual((await audited(objects)).map(({ id }) => id).toSorted());
    const weights = rows.map(({ weight }) => weight);
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    expect(rows[0]).toMatchObject({ kind: 'no-egress-policy', object: { kind: 'Namespace', name: 'shop' } });
  });

  test('only changes for the workload that was asked for are listed', async () => {
    const names = (await rowsOf([aDeployment('web'), aDeployment('api')], ['shop/api'])).map(
      ({ object }) => object.name,
    );
    expect(names).toEqual(expect.arrayContaining(['shop', 'api']));
    expect(names).not.toContain('web');
  });

  test('what is exempt asks for no change', async () => {
    const config = join(folder, 'audit.config.yaml');
    writeFileSync(
      config,
      'exemptions:\n  - { check: "*", reason: none, owner: us, expires: 2026-12-31, namespace: shop }\n',
    );
    const { stdout } = await fixes([aDeployment('web')], ['--config', config]);
    expect(stdout).toContain('No open finding asks for a change.');
  });

  test('findings never make it fail, what was not evaluated does', async () => {
    expect((await fixes([aDeployment('web')])).code).toBe(0);
    const dump = [aPodOf({ kind: 'StatefulSet' })];
    expect((await fixes(dump)).code).toBe(3);
    expect((await fixes(dump, ['--allow-incomplete'])).code).toBe(0);
  });

  test('a terminal shows what, why it may hurt, and how to go on', async () => {
    const { stdout } = await fixes([aDeployment('web')]);
    expect(stdout).toBe(`
 1  HIGH  no egress policy: namespace shop
    Resolves 4 findings in 1 workload, 1 pod.
    Add an egress policy to namespace shop that allows DNS, traffic in the cluster and approved
    destinations. eks-drift-audit fixes --snapshot - --write fixes makes a draft.
    Risk: It cuts everything else, also traffic that was never looked at: review it with egress
          --with before it is applied.

 2  CRITICAL  writable root filesystem: shop/Deployment/web: container app
    Resolves 2 findings in 1 workload, 1 pod.
    In line 1 of standard input, Deployment shop/web, set securityContext.readOnlyRootFilesystem:
    true for container app. Mount an emptyDir where the program writes, mostly at /tmp.
    Risk: Writes outside of volumes will fail. See first what it has written, in the container: find
          / -xdev -type f -newer /etc/hostname.

2 changes, by what they resolve (a critical finding counts 27, high 9, medium 3, low 1); 6 open
findings in all.
    $ eks-drift-audit fixes --snapshot - --write fixes
`);
  });

  test('changes that are equal but for names are one row, and each has its file', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `web-${index}`);
    const objects = names.map((name) => aDeployment(name));
    const { stdout } = await fixes(objects, ['--write', folder]);
    expect(stdout).toContain(' 2  CRITICAL  writable root filesystem, 40 times\n');
    expect(stdout).toMatch(/web-0: container app, .* and 35 more\.\n/s);
    expect(stdout).toContain('Resolves 80 findings in 40 workloads, 40 pods.');
    expect(stdout.match(/^ {4}File: /gm)).toHaveLength(5);
    expect(stdout).toContain('    and 35 more like it: --all\n');
    expect(stdout).toContain('41 changes, equal ones together, ');
    const files = readdirSync(join(folder, 'snapshot')).filter((file) => file.includes('writable-root'));
    expect(files).toHaveLength(40);

    const all = (await fixes(objects, ['--all'])).stdout;
    expect(
      all.match(
        /^ ?\d+ {2}CRITICAL {2}writable root filesystem: shop\/Deployment\/web-\d+: container app$/gm,
      ),
    ).toHaveLength(40);
    expect(await rowsOf(objects)).toHaveLength(41);
  });

  test('changes that differ in more than names are rows of their own', async () => {
    const other = {
      containers: [{ name: 'app', image: 'a:1' }],
      initContainers: [{ name: 'init', image: 'a:1' }],
    };
    const objects = [aDeployment('web'), aDeployment('api', other), aManifest('StatefulSet', 'apps/v1')];
    const { stdout } = await fixes(objects);
    expect(stdout).toContain('CRITICAL  writable root filesystem, 3 times');
    expect(stdout).toContain('CRITICAL  writable root filesystem: shop/StatefulSet/web: container ');
  });

  test('nothing that the sample prints as ready applies a network policy', async () => {
    const { stdout } = await run(['fixes', '--sample', '--all', '--write', folder, '--now', NOW]);
    const commands = stdout.split('\n').filter((line) => line.startsWith('    $ '));
    expect(commands.some((line) => line.includes(' egress --sample legacy/ --with '))).toBe(true);
    expect(commands.filter((line) => / apply /.test(line))).toEqual([]);
    const patches = commands.filter((line) => line.includes(' patch '));
    expect(patches.filter((line) => /networkpolic/i.test(line))).toEqual([]);
  });

  test('a command for a draft works as printed', async () => {
    const { stdout } = await run(['fixes', '--sample', '--write', folder, '--now', NOW]);
    const line = stdout.split('\n').find((one) => one.includes(' egress --sample legacy/ --with ')) ?? '';
    const words = line.replace('    $ eks-drift-audit ', '').split(' ');
    const change = await run([...words, '--now', NOW]);
    // One of the clusters lets nobody list its policies.
    expect(change.code).toBe(3);
    expect(change.stdout).toContain('NetworkPolicy legacy/default-egress');
  });
});

describe('Draft policies', () => {
  const draftOf = async (objects: readonly Fields[], kind: string) =>
    (await writtenFixes(objects)).find(({ row }) => row.kind === kind);

  test('of a namespace without any policy close it for all pods, and then nothing of the cause is found', async () => {
    const objects = [aDeployment('web'), aDeployment('api')];
    const draft = await draftOf(objects, 'no-egress-policy');
    expect(draft?.documents).toHaveLength(1);
    expect(draft?.documents[0]).toMatchObject({
      metadata: { name: 'default-egress', namespace: 'shop' },
      spec: { podSelector: {}, policyTypes: ['Egress'] },
    });
    const ids = new Set(draft?.row.causes.flatMap(({ findings }) => findings));
    const left = await audited([...objects, draft?.documents[0] as Fields]);
    expect(left.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(draft?.row.files[0]).toMatchObject({ draft: true, remaining: [], appearing: [] });
    expect(draft?.text).toContain('DRAFT, not ready to be applied: nothing in it comes from traffic');
  });

  test('beside narrower policies select only the workloads that none selects', async () => {
    const objects = [aDeployment('web'), aDeployment('api'), aPolicy('api', 'api', [])];
    const draft = await draftOf(objects, 'no-egress-policy');
    expect(draft?.documents).toEqual([
      expect.objectContaining({
        metadata: { name: 'web-egress', namespace: 'shop' },
        spec: expect.objectContaining({ podSelector: { matchLabels: { app: 'web' } } }),
      }),
    ]);
    const left = await audited([...objects, draft?.documents[0] as Fields]);
    expect(left.filter(({ check }) => check.startsWith('egress-'))).toEqual([]);
  });

  test('of a rule that is too wide replace that rule and keep the others', async () => {
    const narrow = {
      to: [{ ipBlock: { cidr: '198.51.100.7/32' } }],
      ports: [{ protocol: 'TCP', port: 5432 }],
    };
    const objects = [aDeployment('web'), aPolicy('web', 'web', [narrow, {}])];
    const draft = await draftOf(objects, 'rule-too-wide');
    expect(draft?.documents).toEqual([
      expect.objectContaining({
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Egress'],
          egress: [narrow, expect.anything(), { to: [{ namespaceSelector: {} }] }],
        },
      }),
    ]);
    const [, , ...others] = [objects[0], objects[1]];
    const left = await audited([aDeployment('web'), draft?.documents[0] as Fields, ...others]);
    expect(left.filter(({ check }) => check.startsWith('egress-'))).toEqual([]);
  });

  test('of rules that open the same in several policies replace each of them', async () => {
    const narrow = { to: [{ ipBlock: { cidr: '198.51.100.7/32' } }] };
    const objects = [
      aDeployment('web'),
      aPolicy('one', 'web', [narrow, {}, {}]),
      aPolicy('two', 'web', [{}]),
    ];
    const draft = await draftOf(objects, 'rule-too-wide');
    const kept = [expect.anything(), { to: [{ namespaceSelector: {} }] }];
    expect(draft?.documents).toEqual([
      expect.objectContaining({ spec: expect.objectContaining({ egress: [narrow, ...kept] }) }),
      expect.objectContaining({ spec: expect.objectContaining({ egress: kept }) }),
    ]);
    expect(draft?.row.files[0]?.remaining).toEqual([]);
    const left = await audited([aDeployment('web'), ...((draft?.documents ?? []) as Fields[])]);
    expect(left.filter(({ check }) => check.startsWith('egress-'))).toEqual([]);
    const { stdout } = await fixes(objects);
    for (const place of ['one: spec.egress[1]', 'one: spec.egress[2]', 'two: spec.egress[0]']) {
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`NetworkPolicy shop/${place}`);
    }
  });

  test('of rules of other kinds say that they are left, and what is edited', async () => {
    const cilium = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'all', namespace: 'shop' },
      spec: { endpointSelector: { matchLabels: { app: 'web' } }, egress: [{ toEntities: ['world'] }] },
    };
    const alone = await fixes([aDeployment('web'), cilium]);
    expect(alone.stdout.replaceAll(/\s+/g, ' ')).toContain('In a Cilium rule, replace toEntities');
    const draft = await draftOf([aDeployment('web'), cilium, aPolicy('web', 'web', [{}])], 'rule-too-wide');
    expect(draft?.documents).toHaveLength(1);
    expect(draft?.text.replaceAll('\n#  ', '')).toContain('CiliumNetworkPolicy shop/all');
    expect(draft?.row.files[0]?.remaining).not.toEqual([]);
  });

  test('keep what is approved, and say which findings of the cause remain with it', async () => {
    const config = join(folder, 'audit.config.yaml');
    writeFileSync(
      config,
      'egress: { approved: [{ name: web, cidr: 0.0.0.0/0, ports: [80], protocols: [TCP] }] }\n',
    );
    const [written] = await writtenFixes([aDeployment('web')], ['--config', config]);
    expect(written?.row.kind).toBe('no-egress-policy');
    expect(written?.row.files[0]?.remaining).not.toEqual([]);
    expect(written?.text).toMatch(/Would remain: egress-instance-metadata of shop\/Deployment\/web/);
  });

  test('name the workloads that no label tells from others', async () => {
    const bare = { ...aDeployment('web') };
    const spec = { template: { spec: { containers: [{ name: 'app', image: 'a:1' }] } } };
    const objects = [{ ...bare, spec }, aDeployment('api'), aDeployment('db'), aPolicy('api', 'api', [])];
    const draft = await draftOf(objects, 'no-egress-policy');
    expect(draft?.documents).toHaveLength(1);
    expect(draft?.text.replaceAll('\n#  ', '')).toContain('Not covered: shop/Deployment/web.');
  });
});

describe('--write', () => {
  test('replaces what it wrote, and nothing else', async () => {
    const write = () => fixes([aDeployment('web')], ['--write', folder]);
    expect((await write()).code).toBe(0);
    const written = readdirSync(join(folder, 'snapshot'));
    expect(written).toEqual([
      'namespace-shop-no-egress-policy.yaml',
      'shop-deployment-web-container-app-writable-root.yaml',
    ]);
    expect((await write()).code).toBe(0);
    const foreign = join(folder, 'snapshot', 'namespace-shop-no-egress-policy.yaml');
    writeFileSync(foreign, 'mine\n');
    const refused = await write();
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain(`${foreign} exists and was not written by the command fixes`);
    expect(refused.stdout).toContain('namespace shop');
    expect(readFileSync(foreign, 'utf8')).toBe('mine\n');
  });

  test('follows no link that lies where a file would', async () => {
    mkdirSync(join(folder, 'snapshot'));
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, '# Written by eks-drift-audit fixes.\n');
    symlinkSync(elsewhere, join(folder, 'snapshot', 'namespace-shop-no-egress-policy.yaml'));
    expect((await fixes([aDeployment('web')], ['--write', folder])).code).toBe(5);
    expect(readFileSync(elsewhere, 'utf8')).toBe('# Written by eks-drift-audit fixes.\n');
  });

  test.each([
    '../../../etc/passwd',
    '..',
    '.hidden',
    '-rf',
    'a/b',
    "x'; rm -rf ~; '",
    'x\n---\nkind: Evil',
    '"quoted": [yaml',
    '\u202eevil',
    '# comment',
    '*anchor',
    '&anchor',
    '!!js/function x',
    '{}',
  ])('holds the name %j as data, in files of plain names', async (name) => {
    const spec = {
      containers: [
        { name, image: 'a:1', volumeMounts: [{ name, mountPath: name }] },
        { name: 'app', image: 'a:1' },
      ],
      volumes: [
        { name, hostPath: { path: '/var/log' } },
        { name: `${name}2`, emptyDir: {} },
      ],
    };
    const object = aManifest('Deployment', 'apps/v1', spec);
    const hostile = { ...object, metadata: { name, namespace: 'shop' } };
    const written = await writtenFixes([hostile]);
    expect(written.length).toBeGreaterThan(3);
    for (const { file, text, command, documents } of written) {
      expect(file).toMatch(/\/snapshot\/[\w][\w.-]*\.yaml$/);
      expect(file).not.toContain('..');
      for (const line of text.split('\n').filter((one) => one.startsWith('#'))) {
        expect(line).toMatch(/^#[\x20-\x7e\u00a0-\u{10ffff}]*$/u);
        expect(line).not.toContain('\u202e');
      }
      expect(command === null || command.includes('egress --snapshot - shop/ --with')).toBe(true);
      for (const document of documents as Fields[]) {
        if (document['kind'] !== 'NetworkPolicy') expect(document).toMatchObject({ metadata: { name } });
      }
    }
    const patched = written.filter(({ row }) => row.kind === 'node-path' || row.kind === 'unbounded-volume');
    expect(JSON.stringify(patched.map(({ documents }) => documents))).toContain(JSON.stringify(name));
  });
});
