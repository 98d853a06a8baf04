import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CATALOGUE } from '../../../lambda/checks/catalogue.ts';
import { type FindingStatus, STATUSES } from '../../../lambda/findings/finding.ts';
import type { RunResult } from '../../../lambda/findings/run-result.ts';
import { GAP_REASONS } from '../../../lambda/inventory/gap.ts';
import { ocsfEvents } from '../../../lambda/report/ocsf.ts';
import { SEVERITIES } from '../../../lambda/severity.ts';
import { runs } from '../../support/runs.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun, MONDAY } from '../builders.ts';
import { problems } from './checker.ts';

const WORKLOAD = { namespace: 'payments', kind: 'Deployment', name: 'checkout' };
const HOME = { name: 'kind-dev', arn: null, accountId: null, region: null };

function eventsOf(run: RunResult) {
  const lines = [...ocsfEvents(run, CATALOGUE)];
  const events = lines.map((line) => {
    expect(line.endsWith('}\n') && !line.slice(0, -1).includes('\n')).toBe(true);
    return JSON.parse(line);
  });
  expect(events.flatMap((event) => problems(event))).toEqual([]);
  return events;
}

const eventOf = (status: FindingStatus) =>
  eventsOf(aRun([anAudited(aCluster(), [aFinding({ status, container: 'app' })])]))[0];

describe('events of findings', () => {
  test.each([
    ['new', 1, [1, 'New'], [3, 'Fail']],
    ['open', 2, [2, 'In Progress'], [3, 'Fail']],
    ['exempt', 2, [3, 'Suppressed'], [3, 'Fail']],
    ['fixed', 3, [4, 'Resolved'], [1, 'Pass']],
    ['gone', 3, [5, 'Archived'], [99, 'Gone']],
    ['withdrawn', 3, [5, 'Archived'], [99, 'Withdrawn']],
    ['resolved', 3, [5, 'Archived'], [99, 'Fixed or gone']],
  ] as const)('%s is activity %d, status %j and compliance %j', (status, activity, of, compliance) => {
    expect(eventOf(status)).toMatchObject({
      activity_id: activity,
      type_uid: 200_300 + activity,
      status_id: of[0],
      status: of[1],
      status_code: status,
      compliance: { status_id: compliance[0], status: compliance[1] },
    });
  });

  test('only what was fixed reads as a pass', () => {
    const passed = [...STATUSES, 'resolved' as const].filter(
      (status) => eventOf(status).compliance.status_id === 1,
    );
    expect(passed).toEqual(['fixed']);
  });

  test('times are milliseconds, of the run and of the finding', () => {
    const event = eventOf('open');
    expect(event.time).toBe(Date.parse(MONDAY));
    expect(event.finding_info).toMatchObject({
      first_seen_time: Date.parse('2026-02-02T06:00:00Z'),
      last_seen_time: Date.parse(MONDAY),
    });
  });

  test('an event names its workload, cluster, account, check, standards and what to change', () => {
    expect(eventOf('new')).toMatchObject({
      severity: 'High',
      metadata: { version: '1.6.0', profiles: ['cloud'], event_code: 'egress-unrestricted' },
      cloud: { provider: 'AWS', region: 'eu-west-1', account: { uid: '111122223333' } },
      resources: [
        { role: 'Target', type: 'Deployment', name: 'checkout', namespace: 'payments' },
        { role: 'Related', uid: aCluster().arn },
      ],
      compliance: { control: 'egress-unrestricted', requirements: ['NSA-CISA 1.2: 3.1'] },
      remediation: { desc: expect.stringContaining('NetworkPolicy') },
      evidences: [{ data: { policies: 0 } }],
    });
    expect(eventOf('new').compliance.standards).toContain('PCI DSS 4.0.1');
  });

  test('a cluster of no known cloud is without the profile', () => {
    const [event] = eventsOf(aRun([anAudited(HOME, [aFinding({ cluster: HOME })])]));
    expect(event.metadata.profiles).toEqual([]);
    expect(event).not.toHaveProperty('cloud');
  });
});

describe('events of what was not evaluated', () => {
  const gaps = [
    { ...aGap(), since: MONDAY, gap: 'fixable' as const },
    { ...aGap({ workload: WORKLOAD, check: 'pod-too-old' }), since: '2026-02-02T06:00:00Z' },
    aGap({ check: 'writable-root-filesystem' }),
  ];
  const events = eventsOf(aRun([anAudited(aCluster(), [], gaps)]));

  test('they are warnings of unknown severity, never passes, with the reason', () => {
    for (const event of events) {
      expect(event).toMatchObject({
        severity_id: 0,
        status_code: 'not-evaluated',
        status_detail: 'forbidden',
        finding_info: { title: expect.stringMatching(/^Not evaluated: /) },
        compliance: { status_id: 2, status: 'Warning' },
      });
    }
  });

  test('those that began in this run are created, older ones updated, and others are not known', () => {
    expect(events.map(({ activity_id, status_id }) => [activity_id, status_id])).toEqual([
      [1, 1],
      [2, 2],
      [0, 0],
    ]);
  });

  test('a cluster that could not be read has an event for each of its rows', () => {
    const failed = aFailed(aCluster('dr'));
    expect(eventsOf(aRun([failed]))).toHaveLength(failed.notEvaluated.length);
  });

  test('rows that differ in their message alone have ids of their own, the same in each run', () => {
    const two = [aGap({ message: 'a' }), aGap({ message: 'b' })];
    const uids = (run: RunResult) => eventsOf(run).map(({ finding_info }) => finding_info.uid);
    const first = uids(aRun([anAudited(aCluster(), [], two)]));
    expect(new Set(first).size).toBe(2);
    const later = aRun([anAudited(aCluster(), [], two.toReversed())]);
    expect(uids({ ...later, run: { ...later.run, startedAt: '2026-03-09T06:00:00Z' } })).toEqual(first);
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('</script>', '=1+1', '\u202e', '', '\ud800'),
);
const check = fc.constantFrom(...CATALOGUE.map(({ id }) => id), 'of-another-version');
const cluster = fc.constantFrom(aCluster(), aCluster('dr', 'us-gov-west-1'), HOME);
const time = fc.date({ noInvalidDate: true, min: new Date('2015-01-01'), max: new Date('2100-01-01') });
const workload = fc.record({ namespace: text, kind: text, name: text });
const finding = fc.record({
  id: fc.uuid(),
  check,
  status: fc.constantFrom(...STATUSES, 'resolved' as const),
  severity: fc.constantFrom(...SEVERITIES),
  cluster,
  workload,
  owner: fc.option(text),
  container: fc.option(text),
  pods: fc.record({
    count: fc.nat(),
    examples: fc.array(text, { maxLength: 5 }),
    oldestStartedAt: fc.constant(null),
  }),
  evidence: fc.dictionary(fc.string(), fc.oneof(fc.nat(), text)),
  message: text,
  fix: fc.option(fc.record({ text, command: fc.option(text), risk: fc.option(text) })),
  remediation: text,
  controls: fc.array(text, { maxLength: 3 }),
  firstSeen: time.map((at) => at.toISOString()),
  lastSeen: fc.constant(MONDAY),
  exemption: fc.option(fc.record({ reason: text, owner: text, expires: fc.constant('2027-03-31') })),
});
const gap = fc.record({
  check,
  cluster,
  workload: fc.option(workload),
  container: fc.option(text),
  pods: fc.option(fc.nat()),
  reason: fc.constantFrom(...GAP_REASONS),
  message: text,
  remediation: text,
});

test('each row of findings and of what was not evaluated has one valid event', () => {
  const rows = fc.record({
    findings: fc.uniqueArray(finding, { selector: ({ id }) => id, maxLength: 8 }),
    gaps: fc.array(gap, { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 3 }), (clusters) => {
      const run = aRun(
        clusters.map(({ findings, gaps }, index) => anAudited(aCluster(`c${index}`), findings, gaps)),
      );
      const events = eventsOf(run);
      const findings = clusters.flatMap((one) => one.findings.map(({ id }) => id));
      const ofFindings = events.filter(({ status_code }) => status_code !== 'not-evaluated');
      expect(ofFindings.map(({ finding_info }) => finding_info.uid).sort()).toEqual(findings.sort());
      const gaps = clusters.flatMap((one) => one.gaps.map(({ check: id, message }) => `${id} ${message}`));
      const ofGaps = events.filter(({ status_code }) => status_code === 'not-evaluated');
      const told = ofGaps.map(({ metadata, message }) => `${metadata.event_code} ${message}`);
      expect(told.sort()).toEqual(gaps.sort());
    }),
    { numRuns: runs(500) },
  );
});
