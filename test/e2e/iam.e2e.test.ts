import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { FleetReference } from '../../lambda/handlers/discover-clusters.ts';
import type { Seams } from '../../lambda/handlers/services.ts';
import { memberTemplate } from '../../lib/member-template.ts';
import { hub, withEndpoints } from '../lib/deployed.ts';
import { impliedBy } from './iam/implied.ts';
import { NOT_RECORDED, type NotRecorded } from './iam/not-recorded.ts';
import {
  type DeployedPolicies,
  deployedPolicies,
  endpointPolicies,
  type PolicyDocument,
} from './iam/policies.ts';
import { type AuthorizationRequest, authorizationsOf } from './iam/recorded-calls.ts';
import type { Template } from './iam/resolve-template.ts';
import {
  CONFIG_OBJECT,
  EXTERNAL_ID,
  HUB,
  MEMBER,
  REGION,
  type Scenario,
  startScenario,
} from './iam/scenario.ts';
import { type Grant, grantsOf, isAllowed, isUsed, passesEndpoint, type World } from './iam/simulate.ts';
import { stateMachineCalls } from './iam/state-machine-calls.ts';
import { QUIET } from './support/aws-fleet.ts';

/**
 * What the functions ask AWS for, by the roles and in the environment of the templates, evaluated against the policies
 * of the templates: everything that is asked for is allowed, and everything that is allowed is asked for.
 */
const ACCOUNTS = `
accounts:
  - { id: "${HUB}", externalId: ${EXTERNAL_ID}, regions: [${REGION}] }
  - { id: "${MEMBER}", externalId: ${EXTERNAL_ID}, regions: [${REGION}] }
`;
const CONFIG = `
measure: { writableLayer: kubelet }
egress: { routing: read }
deployment:
  emails: [security@example.com]
  alarms: { emails: [on-call@example.com] }
  vpc:
    id: vpc-0123456789abcdef0
    subnets: [subnet-0123456789abcdef0]
    clusterSecurityGroups: [sg-0123456789abcdef0]
  securityHub: low
  eventBus: default
  configObject: ${CONFIG_OBJECT}
`;
const SECRET = `arn:aws:secretsmanager:${REGION}:${HUB}:secret:quay-a1b2c3`;
/** What is off in the other two: accounts by organization, SBOMs, a login for another registry, and the chat. */
const organizationConfig = (unit: string): string => `
organization: { units: [${unit}], externalId: ${EXTERNAL_ID}, regions: [${REGION}] }
images:
  registry: sbom-collect
  registries: [{ host: quay.io, secretArn: "${SECRET}" }]
${CONFIG}  mode: fleet
  chat: {}
`;
type Mode = 'single' | 'fleet' | 'organization';
const configOf = (mode: Mode): string =>
  ({
    single: `${ACCOUNTS}${CONFIG}`,
    fleet: `${ACCOUNTS}${CONFIG}  mode: fleet\n`,
    organization: organizationConfig(scenario.unit),
  })[mode];
const SCHEDULED = Date.parse('2026-11-22T06:00:00Z');

interface Proven {
  readonly world: World;
  readonly hub: DeployedPolicies;
  readonly asked: readonly AuthorizationRequest[];
}

let scenario: Scenario;
const proven: Partial<Record<Mode, Proven>> = {};

beforeAll(async () => {
  scenario = await startScenario(SCHEDULED);
  proven.single = await prove('single', async (run) => {
    const event = { scheduledTime: new Date(SCHEDULED).toISOString() };
    await expect(
      run('scheduled-audit', 'AuditorRunAuditFunction', event, killedAfterInventory),
    ).rejects.toThrow('killed');
    await run('scheduled-audit', 'AuditorRunAuditFunction', event);
  });
  proven.fleet = await prove('fleet', (run) => fleetRun(run, SCHEDULED + 86_400_000));
  proven.organization = await prove('organization', (run) => fleetRun(run, SCHEDULED + 86_400_000));
});

/** The functions of a fleet, as the state machine invokes them. */
async function fleetRun(run: Run, time: number): Promise<void> {
  const scheduledTime = new Date(time).toISOString();
  const found = await run<FleetReference>('discover-clusters', 'AuditorRunDiscoverFunction', {
    scheduledTime,
  });
  expect(found.count).toBe(2);
  for (const item of await itemsOf(found)) {
    await expect(
      run('audit-cluster', 'AuditorRunAuditClusterFunction', item, killedAfterInventory),
    ).rejects.toThrow('killed');
    await run('audit-cluster', 'AuditorRunAuditClusterFunction', item);
  }
  const { places } = await run<{ readonly places: string }>('send-digest', 'AuditorRunSendDigestFunction', {
    run: found.run,
  });
  for (const place of await itemsOf({ ...found, key: places })) {
    await run('send-digest', 'AuditorRunSendDigestFunction', place);
  }
  await run('send-digest', 'AuditorRunSendDigestFunction', { run: found.run, finish: true });
}

afterAll(() => scenario?.close());

type Handler = 'scheduled-audit' | 'discover-clusters' | 'audit-cluster' | 'send-digest' | 'watch-last-run';

type Run = <Result>(
  handler: Handler,
  functionName: string,
  event: unknown,
  aroundStore?: Seams['aroundStore'],
) => Promise<Result>;

const AUDITED = [/^inventory\//, /^state\/images\//, /^sbom\//, /\/begun\.json$/];
const killUnless = (key: string): void => {
  if (!AUDITED.some((kept) => kept.test(key))) throw new Error('killed');
};

/** Ends the invocation when what was audited is stored, so that the next delivery finds it. */
const killedAfterInventory: Seams['aroundStore'] = (store) => ({
  ...store,
  putIf: async (key, ...rest) => {
    killUnless(key);
    return store.putIf(key, ...rest);
  },
  put: async (key, ...rest) => {
    killUnless(key);
    return store.put(key, ...rest);
  },
});

/** Deploys a mode, lets its functions run, twice so that there is a last run, and gathers what they asked for. */
async function prove(mode: Mode, act: (run: Run) => Promise<void>): Promise<Proven> {
  const yaml = configOf(mode);
  await scenario.configure(yaml);
  const template = hub(yaml).toJSON() as Template;
  // Each mode begins with nothing known, so that there is news.
  const arns = { ...scenario.arns, AuditorReportsBucket: `arn:aws:s3:::reports-${mode}` };
  const place = { account: HUB, region: REGION, arns };
  const deployed = deployedPolicies(template, place);
  const run: Run = async (handler, functionName, event, aroundStore) => {
    const role = roleOfFunction(template, functionName);
    const credentials = await scenario.aws.assumeRole(
      deployed.roles.find(({ name }) => name === role)?.arn ?? '',
    );
    const env = {
      ...deployed.environments.get(functionName),
      ...scenario.aws.environmentFor(credentials),
      ...QUIET,
    };
    // The SDK takes its settings from the process.
    Object.assign(process.env, env);
    const context = { awsRequestId: 'e2e', memoryLimitInMB: '1769', getRemainingTimeInMillis: () => 900_000 };
    const seams = {
      env,
      clock: () => SCHEDULED + 90_000_000,
      ...(aroundStore === undefined ? {} : { aroundStore }),
    };
    // Now, when its log is silent.
    const { createHandler } = await import(`../../lambda/handlers/${handler}.ts`);
    return createHandler(seams)(event, context);
  };
  await run('watch-last-run', 'AuditorWatchFunction', {});
  await act(run);
  await run('watch-last-run', 'AuditorWatchFunction', {});
  const member = deployedPolicies(parse(memberTemplate()) as Template, {
    account: MEMBER,
    region: REGION,
    parameters: { ...MEMBER_PARAMETERS, Registry: mode === 'organization' ? 'sbom-collect' : 'metadata' },
  });
  const asked = [
    ...scenario.requests().flatMap(authorizationsOf),
    ...(mode === 'single' ? [] : stateMachineCalls(template, place)),
  ];
  return {
    world: { stacks: [deployed, member] },
    hub: deployed,
    asked: unique([...asked, ...asked.flatMap((one) => impliedBy(one, arns))]),
  };
}

const MEMBER_PARAMETERS = {
  HubAccountId: HUB,
  HubName: 'EksDriftAuditor',
  ExternalId: EXTERNAL_ID,
  RoleName: 'EksDriftAuditorMember',
  Regions: [REGION],
  SecurityHub: 'on',
  Routing: 'read',
  Measure: 'kubelet',
  MeasureRoleName: 'EksDriftAuditorMeasure',
};

function roleOfFunction({ Resources }: Template, name: string): string {
  const [, resource] =
    Object.entries(Resources).find(([id]) => id.replace(/[0-9A-F]{8}$/, '') === name) ?? [];
  const role = resource?.Properties?.['Role'] as { readonly 'Fn::GetAtt': readonly string[] } | undefined;
  const [id = ''] = role?.['Fn::GetAtt'] ?? [];
  return id.replace(/[0-9A-F]{8}$/, '');
}

async function itemsOf({ bucket, key }: FleetReference): Promise<readonly unknown[]> {
  const { status, body } = await scenario.aws.request({
    service: 's3',
    method: 'GET',
    path: `/${bucket}/${key}`,
  });
  if (status !== 200) throw new Error(`${key}: ${status} ${body}`);
  return JSON.parse(body) as readonly unknown[];
}

const unique = (requests: readonly AuthorizationRequest[]): readonly AuthorizationRequest[] => [
  ...new Map(requests.map((one) => [JSON.stringify(one), one])).values(),
];

const line = ({ role, action, resource }: AuthorizationRequest): string =>
  `${role.replace(/^.*role\//, '')} ${action} ${resource}`;
const grantLine = ({ role, sid, action, resource }: Grant): string =>
  `${role.name} ${sid} ${action} ${resource}`;

const needed = new Set<NotRecorded>();

test('what the one function asks passes the policies of its VPC endpoints, and what others ask does not', async () => {
  const { asked } = proven.single as Proven;
  const template = hub(withEndpoints(configOf('single'))).toJSON() as Template;
  const arns = { ...scenario.arns, AuditorReportsBucket: 'arn:aws:s3:::reports-single' };
  const policies = endpointPolicies(template, { account: HUB, region: REGION, arns });
  const byFunction = asked.filter(
    ({ role, context }) => !/Watch/.test(role) && context['kms:ViaService'] === undefined,
  );
  const [stopped, strangers]: [string[], string[]] = [[], []];
  for (const request of byFunction) {
    const policy = policies.get(request.action.split(':')[0] ?? '');
    if (policy === undefined || !(await passesEndpoint(request, policy))) stopped.push(line(request));
    const stranger = { ...request, role: `arn:aws:iam::${HUB}:role/Somebody` };
    // A gateway leaves everybody else the way to S3 that they had.
    if (policy && !request.action.startsWith('s3:') && (await passesEndpoint(stranger, policy)))
      strangers.push(line(stranger));
  }
  expect(byFunction.length).toBeGreaterThan(30);
  expect(stopped).toEqual([]);
  expect(strangers).toEqual([]);
  // The function itself reaches no other bucket by it.
  const elsewhere = {
    role: byFunction[0]?.role ?? '',
    action: 's3:PutObject',
    resource: 'arn:aws:s3:::theirs/x',
    context: {},
  };
  expect(await passesEndpoint(elsewhere, policies.get('s3') as PolicyDocument)).toBe(false);
});

describe.each(['single', 'fleet', 'organization'] as const)('In the mode %s', (mode) => {
  test('everything that the functions ask AWS for is allowed', async () => {
    const { world, asked } = proven[mode] as Proven;
    const refused: string[] = [];
    for (const request of asked) if (!(await isAllowed(world, request))) refused.push(line(request));
    expect(asked.length).toBeGreaterThan(30);
    expect(refused).toEqual([]);
  });

  test('everything that is allowed is asked for, or a reason says why it is not seen here', async () => {
    const { world, asked } = proven[mode] as Proven;
    const unused: Grant[] = [];
    for (const grant of grantsOf(world.stacks.flatMap(({ roles }) => roles))) {
      if (!(await isUsed(world, grant, asked))) unused.push(grant);
    }
    const reasons = unused.map((one) => NOT_RECORDED.filter(({ grant }) => grant.test(grantLine(one))));
    for (const reason of reasons.flat()) needed.add(reason);
    expect(unused.filter((_, at) => reasons[at]?.length === 0).map(grantLine)).toEqual([]);
  });
});

test('each reason for a grant that is not seen here is about one', () => {
  expect(NOT_RECORDED.filter((one) => !needed.has(one))).toEqual([]);
});
