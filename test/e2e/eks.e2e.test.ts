import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listAll } from '../../lambda/collect/http/list.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { type AwsAccess, openAwsAccess } from '../../lambda/connect/aws/access.ts';
import type { CredentialsProvider } from '../../lambda/connect/aws/client.ts';
import { connectEks } from '../../lambda/connect/eks/eks.ts';
import { discoverClusters } from '../../lambda/discover/discover.ts';
import type { ListPage } from './environment/api-client.ts';
import type { AwsCredentials } from './environment/aws-services.ts';
import { AUDITOR_GROUP } from './environment/cluster.ts';
import { BASIC_ACCESS } from './environment/cluster-role.ts';
import { type Environment, start } from './environment/environment.ts';
import { grantGroup } from './support/access.ts';
import { type CliResult, runCli } from './support/run-cli.ts';

const OTHER_ACCOUNT = '444455556666';
const MEMBER = `arn:aws:iam::${OTHER_ACCOUNT}:role/EksDriftAuditorMember`;
const NOW = new Date().toISOString();

let environment: Environment;

beforeAll(async () => {
  environment = await start();
  await grantGroup(environment.cluster, AUDITOR_GROUP, BASIC_ACCESS);
});

afterAll(() => environment?.stop());

function audit(args: readonly string[], credentials = environment.auditorCredentials): Promise<CliResult> {
  const { aws } = environment;
  return runCli(['audit', '-o', 'json', '--now', NOW, ...args], aws.environmentFor(credentials));
}

interface Row {
  readonly id: string;
  readonly cluster: { readonly name: string; readonly arn: string | null };
  readonly message: string;
  readonly cause?: { readonly kind: string; readonly object: object } | null;
  readonly remainsBy?: { readonly kind: string; readonly object: { readonly kind: string } } | null;
  readonly fix?: { readonly text: string; readonly risk: string | null } | null;
}

interface Document {
  readonly clusters: readonly { readonly cluster: Row['cluster']; readonly outcome: string }[];
  readonly findings: readonly Row[];
  readonly notEvaluated: readonly (Row & { readonly reason: string; readonly remediation: string })[];
}

const documentOf = ({ stdout, stderr }: CliResult): Document => {
  if (stdout === '') throw new Error(`nothing was printed; ${stderr}`);
  return JSON.parse(stdout);
};

/** Without what names the cluster, or the user as whom it was read. */
const anonymous = (rows: readonly Row[]) =>
  rows.map(({ id, cluster, message, cause, remainsBy, fix, ...rest }) => ({
    ...rest,
    cause: cause?.kind,
    remainsBy: remainsBy?.kind,
    fix: fix?.text,
    message: message.replace(/User "[^"]*"/, 'User "…"'),
  }));

/** Registers with AWS what leads to the one real API server, or claims to. */
async function register(
  cluster: { readonly name: string; readonly accountId?: string; readonly region?: string },
  to: { readonly endpoint?: string; readonly ca?: string } = {},
): Promise<void> {
  const { url, ca } = environment.cluster;
  await environment.aws.putEksCluster({
    endpoint: to.endpoint ?? url,
    certificateAuthorityData: Buffer.from(to.ca ?? ca).toString('base64'),
    version: '1.36',
    ...cluster,
  });
}

function openAccess(credentials: AwsCredentials): AwsAccess {
  const { url, region } = environment.aws;
  const provider = (async () => credentials) as unknown as CredentialsProvider;
  return openAwsAccess({ region, endpoint: url, credentials: provider });
}

describe('audit --eks', () => {
  test('finds what an audit by kubeconfig finds', async () => {
    const byKubeconfig = await runCli([
      ...['audit', '-o', 'json', '--now', NOW, '--kubeconfig', environment.cluster.auditorKubeconfig],
    ]);
    const byName = await audit(['--eks', environment.cluster.name]);
    const expected = documentOf(byKubeconfig);
    const found = documentOf(byName);
    expect(expected.findings.length).toBeGreaterThan(20);
    expect(anonymous(found.findings)).toEqual(anonymous(expected.findings));
    expect(anonymous(found.notEvaluated)).toEqual(anonymous(expected.notEvaluated));
    expect(byName.code).toBe(byKubeconfig.code);
    expect(new Set(found.findings.map(({ cluster }) => cluster.arn))).toEqual(
      new Set([environment.cluster.arn]),
    );
  });

  test('reads with the rights of the ClusterRole, as the role that was assumed', async () => {
    const requests = await environment.cluster.requestsOf(AUDITOR_GROUP);
    const users = new Set(requests.map(({ username }) => username));
    expect(users).toContain('arn:aws:sts::111122223333:assumed-role/eks-drift-auditor/e2e');
    // To ask what one may do changes nothing, although it is a POST.
    const other = requests.filter(
      ({ verb, requestURI }) =>
        verb !== 'get' && verb !== 'list' && !requestURI.startsWith('/apis/authorization.k8s.io/'),
    );
    expect(other).toEqual([]);
  });

  test('of a name that no cluster has is a wrong flag', async () => {
    const { code, stdout, stderr } = await audit(['--eks', 'nowhere']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('There is no EKS cluster "nowhere"');
  });
});

describe("no cluster's pods appear under another's name", () => {
  async function failureOf(args: readonly string[]) {
    const result = await audit(args);
    const { findings, notEvaluated, clusters } = documentOf(result);
    expect(result.code).toBe(4);
    expect(findings).toEqual([]);
    expect(clusters.map(({ outcome }) => outcome)).toEqual(['failed']);
    const [row] = notEvaluated;
    return { reason: row?.reason, message: row?.message, remediation: row?.remediation };
  }

  test('when AWS gives a name the endpoint of another cluster: the token is for the name', async () => {
    await register({ name: 'impostor' });
    expect(await failureOf(['--eks', 'impostor'])).toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining(
        `The cluster impostor (account 111122223333, eu-west-1) does not accept ${environment.auditorRoleArn} (401).`,
      ),
    });
  });

  test('when a server has a certificate of another authority', async () => {
    const { cert } = await environment.cluster.certificates.pair('apiserver');
    await register({ name: 'e2e', region: 'eu-north-1' }, { ca: cert });
    const failure = await failureOf(['--eks', 'e2e', '--region', 'eu-north-1']);
    expect(failure.message).toContain(
      'cannot prove that it is the cluster arn:aws:eks:eu-north-1:111122223333:cluster/e2e.',
    );
  });

  test('when the role is of another account, which has no access entry', async () => {
    await register({ name: 'e2e', accountId: OTHER_ACCOUNT });
    const role = `arn:aws:iam::${OTHER_ACCOUNT}:role/stranger`;
    expect(await failureOf(['--eks', 'e2e', '--role-arn', role])).toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining(`does not accept ${role} (401)`),
      remediation: expect.stringContaining(`--principal-arn ${role} --kubernetes-groups eks-drift-auditor`),
    });
  });

  test('when the credentials are of another account than the target', async () => {
    const access = openAccess(await environment.aws.assumeRole(`arn:aws:iam::${OTHER_ACCOUNT}:role/other`));
    const own = openAccess(environment.auditorCredentials);
    const { targets } = await discoverClusters({ config: defaultConfig(), access: own, names: ['e2e'] });
    const [target] = targets;
    if (target === undefined) throw new Error('the cluster was not discovered');
    const api = connectEks(target, access);
    try {
      await expect(api.request({ path: '/api/v1/pods' })).rejects.toMatchObject({
        reason: 'unauthorized',
        message: expect.stringContaining(`are of account ${OTHER_ACCOUNT}, not of account 111122223333`),
      });
    } finally {
      await api.close();
      access.close();
      own.close();
    }
  });
});

describe('audit --all-eks', () => {
  test('covers two regions and two accounts, with one cluster unreachable and one not ready', async () => {
    const { cluster, auditorRoleArn, aws } = environment;
    const entry = (principalArn: string) => ({ principalArn, kubernetesGroups: [AUDITOR_GROUP] });
    await cluster.setAccessEntries([entry(auditorRoleArn), entry(MEMBER)]);
    await register({ name: 'e2e', accountId: OTHER_ACCOUNT, region: 'eu-central-1' });
    await register({ name: 'far', region: 'us-east-1' }, { endpoint: 'https://127.0.0.1:1' });
    await aws.putEksCluster({
      name: 'young',
      region: 'us-east-1',
      endpoint: 'https://127.0.0.1:1',
      certificateAuthorityData: '',
      version: '1.36',
      status: 'CREATING',
    });
    const config = join(cluster.certificates.folder, 'audit.config.yaml');
    await writeFile(
      config,
      `clusters: { exclude: [impostor] }
accounts:
  - { id: "111122223333", regions: [eu-west-1, us-east-1] }
  - { id: "${OTHER_ACCOUNT}", externalId: drift-4711, regions: [eu-central-1] }
`,
    );
    const document = documentOf(await audit(['--all-eks', '--config', config]));
    const outcomes = document.clusters.map(({ cluster: { name, arn }, outcome }) => [arn ?? name, outcome]);
    expect(Object.fromEntries(outcomes)).toEqual({
      'arn:aws:eks:eu-west-1:111122223333:cluster/e2e': 'audited',
      'arn:aws:eks:eu-central-1:444455556666:cluster/e2e': 'audited',
      'arn:aws:eks:us-east-1:111122223333:cluster/far': 'failed',
      'arn:aws:eks:us-east-1:111122223333:cluster/young': 'failed',
    });
    const of = (region: string) => document.findings.filter(({ cluster: { arn } }) => arn?.includes(region));
    expect(of('eu-west-1').length).toBeGreaterThan(20);
    expect(anonymous(of('eu-central-1'))).toEqual(anonymous(of('eu-west-1')));
    const young = document.notEvaluated.find(({ cluster: { name } }) => name === 'young');
    expect(young?.message).toContain('EKS gives no certificate authority for the cluster young in us-east-1');
  });
});

describe('a token', () => {
  test('that expires in the middle of a list is renewed on the 401, and nothing is lost', async () => {
    // A clock that is this far behind signs tokens that STS takes for so long, always: enough for the first page.
    const left = 15_000;
    const behind = 15 * 60_000 - left;
    const access = openAccess(environment.auditorCredentials);
    let minted = 0;
    const counting: AwsAccess = {
      ...access,
      async account(request) {
        const account = await access.account(request);
        const credentials = (() => {
          minted++;
          return account.credentials();
        }) as CredentialsProvider;
        return { ...account, credentials };
      },
    };
    const { targets } = await discoverClusters({ config: defaultConfig(), access, names: ['e2e'] });
    const [target] = targets;
    if (target === undefined) throw new Error('the cluster was not discovered');
    const api = connectEks(target, counting, { now: () => Date.now() - behind });
    const names: string[] = [];
    try {
      const { pages } = await listAll<{ metadata: { name: string } }>(
        api,
        { path: '/api/v1/pods', kind: 'Pod', limit: 5, bounds: { restarts: 0 } },
        {
          async onPage(items, { number }) {
            names.push(...items.map(({ metadata }) => metadata.name));
            // The API server remembers for ten seconds whom it let in (its TokenSuccessCacheTTL), at the last moment, too.
            if (number === 1) await sleep(left + 11_000);
          },
          onRestart: () => {
            throw new Error('the list began anew');
          },
        },
      );
      expect(pages).toBeGreaterThan(3);
    } finally {
      await api.close();
      access.close();
    }
    expect(minted).toBe(2);
    const { body } = await environment.cluster.admin.request('GET', '/api/v1/pods');
    expect(names).toEqual((body as ListPage).items.map(({ metadata }) => metadata.name));
  });
});
