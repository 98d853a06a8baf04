import type { Finding, FindingStatus } from '../../lambda/findings/finding.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { DigestInput } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import {
  aCluster,
  aFailed,
  aFinding,
  aGap,
  anAudited,
  anExemption,
  aRun,
  deniedPolicies,
  ranking,
} from './builders.ts';

/** The runs whose mails are kept as texts in `golden/`. */

const PROD = aCluster('prod-eu');
const STAGING = aCluster('staging', 'eu-central-1');
const US = aCluster('prod-us', 'us-east-1');

const mail = (clusters: readonly ClusterResult[], rest: Partial<DigestInput> = {}): DigestInput => {
  const run = aRun(clusters);
  return {
    run,
    ranked: ranking(run),
    exemptions: NO_EXEMPTION_NOTES,
    firstRun: false,
    reportLocation: 's3://example-audit-reports/runs/20260302T060000Z/report.html',
    options: { minSeverity: 'medium', top: 10 },
    ...rest,
  };
};

/** A workload that has every weakness at once. */
const weak = (cluster: ClusterIdentity, name: string, status: FindingStatus = 'open'): readonly Finding[] => [
  aFinding({ cluster, name, status, check: 'runtime-library-update', container: 'app' }),
  aFinding({ cluster, name, status, check: 'egress-unrestricted' }),
  aFinding({ cluster, name, status, check: 'writable-root-filesystem', container: 'app' }),
  aFinding({ cluster, name, status, check: 'writable-root-filesystem', container: 'proxy' }),
  aFinding({ cluster, name, status, check: 'unbounded-empty-dir' }),
];

const old = (cluster: ClusterIdentity, name: string, status: FindingStatus = 'open'): Finding =>
  aFinding({ cluster, name, status, namespace: 'shop', check: 'pod-too-old' });

const switchedOff = (cluster: ClusterIdentity, name: string): Finding => ({
  ...old(cluster, name, 'withdrawn'),
  reason: 'check-off',
});

const exposed = (cluster: ClusterIdentity, name: string, status: FindingStatus = 'open'): Finding =>
  aFinding({ cluster, name, status, namespace: 'shop', check: 'egress-unrestricted', pods: 6 });

const firstRun = (): DigestInput =>
  mail(
    [
      anAudited(PROD, [
        ...weak(PROD, 'checkout', 'new'),
        exposed(PROD, 'frontend', 'new'),
        old(PROD, 'cart', 'new'),
      ]),
      anAudited(STAGING, [exposed(STAGING, 'frontend', 'new')], deniedPolicies(STAGING).slice(1)),
    ],
    { firstRun: true },
  );

const nothingChanged = (): DigestInput =>
  mail([
    anAudited(PROD, [...weak(PROD, 'checkout'), exposed(PROD, 'frontend')]),
    anAudited(US, [old(US, 'cart')]),
  ]);

const manyNew = (): DigestInput => {
  const names = Array.from({ length: 48 }, (_, index) => `service-${String(index).padStart(2, '0')}`);
  const findings = names.flatMap((name, index) =>
    index % 12 === 0
      ? weak(PROD, name, 'new')
      : [exposed(PROD, name, 'new'), old(PROD, name, index % 2 ? 'new' : 'open')],
  );
  const closed = [exposed(US, 'billing', 'fixed'), old(US, 'billing', 'gone'), switchedOff(US, 'cart')];
  return mail([anAudited(PROD, findings), anAudited(US, [...closed, ...weak(US, 'ledger')])], {
    exemptions: {
      ended: [aFinding({ cluster: US, namespace: 'legacy', name: 'erp', check: 'writable-root-filesystem' })],
      expired: [anExemption({}, 2)],
      expiring: [
        anExemption({ expires: '2026-03-10', workload: 'StatefulSet/*', owner: 'data@example.com' }),
      ],
      unused: [
        anExemption({ check: 'pod-too-old', workload: null, namespace: 'attic', expires: '2027-03-31' }, 0),
      ],
    },
  });
};

const oneMissing = (): DigestInput =>
  mail([
    anAudited(PROD, [...weak(PROD, 'checkout', 'new'), exposed(PROD, 'frontend')]),
    anAudited(
      STAGING,
      [old(STAGING, 'cart')],
      [
        ...deniedPolicies(STAGING),
        aGap({
          cluster: STAGING,
          check: 'writable-root-filesystem',
          workload: { namespace: 'legacy', kind: 'Deployment', name: 'iis' },
          reason: 'platform',
          message: 'Windows containers cannot have a read-only root filesystem.',
          remediation: 'Nothing to do; name it in an exemption if it is accepted.',
        }),
      ],
    ),
    aFailed(US),
  ]);

const allMissing = (): DigestInput =>
  mail([
    aFailed(PROD),
    aFailed(US),
    aFailed(STAGING, {
      reason: 'unauthorized',
      message: 'The API server of staging answered 401: the role has no access entry.',
      remediation:
        'Run: aws eks create-access-entry --cluster-name staging --principal-arn ROLE --kubernetes-groups eks-drift-auditor',
    }),
  ]);

const fiveHundred = (): DigestInput => {
  const clusters = Array.from({ length: 500 }, (_, index) =>
    aCluster(`team-${String(index).padStart(3, '0')}`),
  );
  return mail(
    clusters.map((cluster, index) => {
      if (index % 50 === 7) return aFailed(cluster);
      if (index % 25 === 3) return anAudited(cluster, [old(cluster, 'cart')], deniedPolicies(cluster));
      if (index % 20 === 1)
        return anAudited(cluster, [exposed(cluster, 'frontend', 'new'), old(cluster, 'cart')]);
      return anAudited(cluster, index % 3 === 0 ? [old(cluster, 'cart')] : []);
    }),
  );
};

const tooLarge = (): DigestInput => {
  const findings = Array.from({ length: 3000 }, (_, index) =>
    weak(PROD, `service-${String(index).padStart(4, '0')}`, 'new'),
  );
  return mail([anAudited(PROD, findings.flat()), aFailed(US)], {
    options: { minSeverity: 'low', top: 5000 },
  });
};

const notAscii = (): DigestInput => {
  const cluster: ClusterIdentity = {
    name: 'produktion-münchen-東京',
    arn: null,
    accountId: null,
    region: null,
  };
  return mail([
    anAudited(cluster, [
      aFinding({
        cluster,
        check: 'writable-host-path',
        severity: 'high',
        message:
          'Volume daten mounts the host path /srv/Käufe/データベース読み取り専用ではない/共有 without readOnly.',
      }),
      aFinding({
        cluster,
        name: 'evil\r\nSubject: all clear',
        check: 'image-tag-mutable',
        message: 'Image \u202egpj.exe\u202c \u001b[2Jis named by latest.',
      }),
    ]),
  ]);
};

export const GOLDEN_RUNS: Readonly<Record<string, () => DigestInput>> = {
  'first-run': firstRun,
  'nothing-changed': nothingChanged,
  'many-new': manyNew,
  'one-cluster-missing': oneMissing,
  'all-clusters-missing': allMissing,
  '500-clusters': fiveHundred,
  '300-kib': tooLarge,
  'non-ascii-names': notAscii,
};
