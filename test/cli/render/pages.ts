import stringWidth from 'string-width';
import type { AuditPage } from '../../../lambda/cli/render/audit-page.ts';
import type { RunResult } from '../../../lambda/findings/run-result.ts';
import {
  aCluster,
  aFailed,
  aFinding,
  aGap,
  anAudited,
  aRun,
  deniedPolicies,
  ranking,
} from '../../report/builders.ts';

export const WIDTHS = [60, 80, 100, 120, 200] as const;

export const plain = (width: number) => ({ color: false, width });

export const pageOf = (run: RunResult, rest: Partial<AuditPage> = {}): AuditPage => ({
  run,
  ranked: ranking(run),
  checks: [{ id: 'egress-unrestricted', title: 'The whole internet is reachable on every TCP port' }],
  exit: { code: 1, failOn: 'high', allowIncomplete: false },
  reportLocation: null,
  view: { groupBy: 'cause', all: false, managed: false },
  ...rest,
});

export const tooWide = (text: string, width: number): readonly string[] =>
  text.split('\n').filter((line) => stringWidth(line) > width);

const HOSTILE = 'evil\u001b[2J\u202e\r\nall-clear';

/** Two clusters with findings of every status, one denied its policies, a third that is unreachable. */
export function mixedRun(): RunResult {
  const prod = aCluster();
  const staging = aCluster('staging', 'eu-central-1');
  const many = Array.from({ length: 60 }, (_, index) =>
    aFinding({
      namespace: 'shop',
      name: `service-${index}`,
      check: 'writable-root-filesystem',
      status: 'open',
      container: 'app',
    }),
  );
  const findings = [
    aFinding({ check: 'runtime-library-update', container: 'app' }),
    aFinding({ status: 'open', pods: 1200 }),
    aFinding({ namespace: '東京', name: 'データベースサーバー', check: 'pod-too-old' }),
    aFinding({ name: 'gone', status: 'fixed' }),
    aFinding({ namespace: 'legacy', name: 'erp', status: 'exempt' }),
    ...many,
  ];
  return aRun([
    {
      ...anAudited(prod, findings),
      notes: ['1 pod starts in the future, by up to 120 s: its age counts as 0.'],
    },
    anAudited(
      staging,
      [aFinding({ cluster: staging, name: 'frontend', status: 'open' })],
      deniedPolicies(staging),
    ),
    aFailed(aCluster('prod-us', 'us-east-1')),
  ]);
}

/** Every text that a cluster gives carries terminal commands, line breaks and reordering. */
export function hostileRun(): RunResult {
  const cluster = { name: HOSTILE, arn: HOSTILE, accountId: HOSTILE, region: HOSTILE };
  const finding = aFinding({
    cluster,
    check: HOSTILE,
    namespace: HOSTILE,
    kind: HOSTILE,
    name: HOSTILE,
    container: HOSTILE,
    message: HOSTILE.repeat(20),
    remediation: HOSTILE,
  });
  const gap = { cluster, message: HOSTILE, remediation: HOSTILE, check: HOSTILE };
  const audited = anAudited(cluster, [finding], [aGap({ ...gap, workload: finding.workload })]);
  return aRun([{ ...audited, notes: [HOSTILE] }, aFailed(cluster, gap)]);
}
