import type { AcceptedGap } from '../../lambda/config/config.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { DigestInput } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import type { AskedReason } from '../../lambda/report/news.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, anExemption, deniedPolicies } from './builders.ts';
import {
  addOns,
  classed,
  classedResult,
  debugLeft,
  drifted,
  LAST_WEEK,
  mail,
  old,
  openEgress,
  PROD,
  STAGING,
  US,
  updates,
  writable,
} from './golden-parts.ts';

/** The runs whose mails are kept as texts in `golden/`: what a week may bring. */

const withdrawn = (finding: Finding, reason: Finding['reason']): Finding => ({
  ...finding,
  status: 'withdrawn',
  reason: reason ?? null,
});

/** Open for weeks in the clusters of most runs. */
const usual = (cluster: ClusterIdentity): readonly Finding[] => [
  updates({ cluster, name: 'checkout', status: 'open', owner: 'payments' }),
  writable({ cluster, name: 'checkout', status: 'open', owner: 'payments' }),
  ...['erp', 'ledger', 'mailer'].map((name) =>
    openEgress({
      cluster,
      namespace: 'legacy',
      name,
      status: 'open',
      owner: 'erp-team@example.com',
      pods: 2,
    }),
  ),
  old({ cluster, status: 'open', owner: 'shop' }),
  ...addOns(cluster),
];

const windows = (cluster: ClusterIdentity, names: readonly string[]) =>
  names.map((name) =>
    aGap({
      cluster,
      check: 'writable-root-filesystem',
      workload: { namespace: 'intranet', kind: 'Deployment', name },
      reason: 'platform',
      message: 'Windows containers cannot have a read-only root filesystem.',
      remediation: 'Nothing to do; accept it in acceptedGaps, or move the workload.',
    }),
  );

const access = (cluster: ClusterIdentity) =>
  deniedPolicies(cluster).map((row) => ({
    ...row,
    message: 'This audit may not list networkpolicies any more: the API server answered 403.',
    remediation: `Run: eks-drift-audit access --cluster ${cluster.name} | kubectl apply -f -`,
  }));

const firstRun = (): DigestInput => {
  const isNew = (findings: readonly Finding[]): readonly Finding[] =>
    findings.map((finding) => ({ ...finding, status: 'new', firstSeen: '2026-03-02T06:00:00Z' }));
  const first = (cluster: ClusterIdentity, findings: readonly Finding[], rows = windows(cluster, [])) => ({
    ...anAudited(cluster, isNew(findings), classed(rows, 'fixable')),
    firstRun: true,
  });
  const denied = [...deniedPolicies(STAGING)].slice(1);
  // It follows from what the whole cluster lacks, as the same remedy says.
  const following = ['checkout', 'cart'].map((name) => ({
    ...aGap({
      cluster: STAGING,
      check: 'runtime-library-update',
      workload: { namespace: 'shop', kind: 'Deployment', name },
      reason: 'forbidden',
      message: 'It is not known whether a package registry is reachable.',
    }),
    remediation: denied[0]?.remediation ?? '',
  }));
  const single = aGap({
    check: 'image-tag-mutable',
    workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
    reason: 'field-missing',
    message: 'The image of container app is not a valid reference: a:b:c',
    remediation: 'Name the image as REPOSITORY:TAG or REPOSITORY@DIGEST.',
  });
  return mail(
    [first(PROD, usual(PROD), [single]), first(STAGING, usual(STAGING), [...denied, ...following])],
    {
      firstRun: true,
    },
  );
};

const quietWeek = (): DigestInput => mail([anAudited(PROD, usual(PROD)), anAudited(US, usual(US))]);

const newCritical = (): DigestInput =>
  mail([
    anAudited(PROD, [
      ...usual(PROD),
      debugLeft({ owner: null }),
      openEgress({ namespace: 'loyalty', name: 'coupons', owner: 'loyalty' }),
      openEgress({ namespace: 'loyalty', name: 'points', owner: 'loyalty' }),
    ]),
    anAudited(US, [
      ...usual(US),
      openEgress({ cluster: US, name: 'billing', status: 'fixed', owner: 'payments' }),
    ]),
  ]);

const lostCoverage = (): DigestInput =>
  mail([
    anAudited(PROD, [...usual(PROD), debugLeft({})], classed(access(PROD), 'lost')),
    anAudited(US, usual(US), classed(windows(US, ['iis', 'reports']), 'known', '2026-01-12T06:00:00Z')),
  ]);

const stillLost = (): DigestInput =>
  mail([anAudited(PROD, usual(PROD), classed(access(PROD), 'lost', LAST_WEEK)), anAudited(US, usual(US))]);

const unreachable = (): DigestInput =>
  mail([anAudited(PROD, usual(PROD)), classedResult(aFailed(US), 'lost'), anAudited(STAGING)]);

const neverReached = (): DigestInput =>
  mail([
    anAudited(PROD, usual(PROD)),
    classedResult(
      aFailed(STAGING, {
        reason: 'unauthorized',
        message: 'The API server of staging answered 401: the role has no access entry.',
        remediation:
          'Run: aws eks create-access-entry --cluster-name staging --principal-arn ROLE --kubernetes-groups eks-drift-auditor',
      }),
      'fixable',
      LAST_WEEK,
    ),
  ]);

const allMissing = (): DigestInput =>
  mail([
    classedResult(aFailed(PROD), 'lost'),
    classedResult(aFailed(US), 'lost'),
    classedResult(aFailed(STAGING), 'lost'),
  ]);

const checkOff = (): DigestInput => {
  const hidden = ['erp', 'ledger', 'mailer', 'billing'].map((name) =>
    withdrawn(
      openEgress({ check: 'egress-instance-metadata', namespace: 'legacy', name, severity: 'high' }),
      'check-off',
    ),
  );
  const ofAddOns = withdrawn(
    openEgress({
      check: 'egress-instance-metadata',
      namespace: 'kube-system',
      kind: 'DaemonSet',
      name: 'kube-proxy',
      severity: 'high',
    }),
    'check-off',
  );
  const managed = { ...ofAddOns, managedBy: 'EKS add-on kube-proxy' };
  return mail([anAudited(PROD, [...usual(PROD), ...hidden, managed])], {
    changes: { settings: ['checks.egress-instance-metadata: default -> off'], asked: new Map() },
  });
};

const limitChanged = (): DigestInput => {
  const young = ['search', 'recommend', 'frontend', 'images', 'wishlist'].map((name) =>
    old({ name, owner: 'shop' }),
  );
  const asked = new Map<string, AskedReason>(young.map(({ id }) => [id, 'limit-changed']));
  return mail(
    [anAudited(PROD, [...usual(PROD), ...young, openEgress({ namespace: 'loyalty', name: 'coupons' })])],
    {
      changes: { settings: ['limits.podMaxAge: 90d -> 30d', 'exemptions: 1 added'], asked },
    },
  );
};

const everythingFixed = (): DigestInput =>
  mail([
    anAudited(
      PROD,
      usual(PROD)
        .filter(({ managedBy }) => managedBy == null)
        .map((finding) => ({ ...finding, status: 'fixed' })),
    ),
  ]);

const goneWorkloads = (): DigestInput =>
  mail([
    anAudited(PROD, [
      ...usual(PROD),
      ...['import', 'export'].flatMap((name) => [
        openEgress({ namespace: 'batch', kind: 'CronJob', name, status: 'gone' }),
        old({ namespace: 'batch', kind: 'CronJob', name, status: 'gone' }),
      ]),
    ]),
  ]);

const lateNews = (): DigestInput => {
  const unsaid = openEgress({
    namespace: 'loyalty',
    name: 'coupons',
    status: 'open',
    owner: 'loyalty',
    firstSeen: '2026-02-16T06:00:00Z',
  });
  return mail([anAudited(PROD, [...usual(PROD), unsaid])], {
    late: {
      since: '2026-02-16T06:00:00Z',
      runs: ['20260216T060000Z', '20260223T060000Z'],
      found: [unsaid.id],
      ended: [],
      rows: [openEgress({ name: 'ledger', status: 'fixed', owner: 'payments' })],
    },
  });
};

const exemptions = (): DigestInput =>
  mail(
    [
      anAudited(PROD, [
        ...usual(PROD),
        { ...writable({ namespace: 'legacy', name: 'erp' }), status: 'exempt' },
      ]),
    ],
    {
      exemptions: {
        ended: [writable({ namespace: 'attic', name: 'crm', status: 'open', owner: 'crm@example.com' })],
        expired: [anExemption({ namespace: 'attic', workload: 'Deployment/crm' }, 1)],
        expiring: [anExemption({ expires: '2026-03-10', owner: 'data@example.com' }, 3)],
        unused: [
          anExemption({ check: 'pod-too-old', workload: null, namespace: 'attic', expires: '2027-03-31' }, 0),
        ],
      },
    },
  );

const knownOnly = (): DigestInput =>
  mail([
    anAudited(
      PROD,
      usual(PROD),
      classed(windows(PROD, ['iis', 'reports', 'print']), 'known', '2026-02-09T06:00:00Z'),
    ),
  ]);

const accepted = (changes: Partial<AcceptedGap> = {}): AcceptedGap => ({
  reason: 'forbidden',
  match: { clusters: ['prod-eu'], namespaces: null, checks: ['egress-*'] },
  owner: 'network-team@example.com',
  because: 'policies are read by another tool until the migration',
  expires: '2026-02-28',
  ...changes,
});

const acceptedExpired = (): DigestInput =>
  mail([anAudited(PROD, usual(PROD), classed(deniedPolicies(PROD), 'fixable', '2025-11-09T06:00:00Z'))], {
    acceptedGaps: {
      expired: [{ accepted: accepted(), rows: 4 }],
      expiring: [],
      unused: [{ accepted: accepted({ reason: 'clock-skew', expires: '2026-12-31' }), rows: 0 }],
    },
  });

const acceptedGrew = (): DigestInput => {
  const [before, now] = [windows(PROD, ['iis', 'reports', 'print']), windows(PROD, ['mail', 'wiki'])];
  const rows = [...classed(before, 'known', '2026-02-09T06:00:00Z'), ...classed(now, 'known')];
  const grown = accepted({
    reason: 'platform',
    match: { clusters: null, namespaces: ['intranet'], checks: null },
    owner: 'windows-team@example.com',
    because: 'IIS until the summer',
    expires: '2026-12-31',
  });
  return mail([anAudited(PROD, [...usual(PROD), debugLeft({})], rows)], {
    acceptedGaps: { expired: [], expiring: [], unused: [], grown: [{ accepted: grown, rows: 5, fresh: 2 }] },
  });
};

/** A fleet in which one chart has the same weakness everywhere. */
const fleet = (): DigestInput => {
  const clusters = Array.from({ length: 60 }, (_, index) =>
    aCluster(`team-${String(index + 1).padStart(2, '0')}`),
  );
  return mail(
    clusters.map((cluster, index) => {
      if (index === 6) return classedResult(aFailed(cluster), 'lost');
      const findings = [
        openEgress({ cluster, namespace: 'shop', name: 'frontend', status: 'open', owner: 'shop', pods: 4 }),
        ...(index % 20 === 1
          ? [updates({ cluster, name: 'agent', namespace: 'tools', owner: 'platform' })]
          : []),
        ...addOns(cluster),
      ];
      const rows = index % 15 === 2 ? classed(access(cluster), 'fixable', LAST_WEEK) : [];
      return anAudited(cluster, findings, rows);
    }),
  );
};

const hostile = (): DigestInput => {
  const cluster: ClusterIdentity = {
    name: 'produktion-münchen-東京',
    arn: null,
    accountId: null,
    region: null,
  };
  const evil = 'evil\r\nSubject: all clear';
  return mail([
    anAudited(cluster, [
      aFinding({
        cluster,
        check: 'writable-host-path',
        severity: 'high',
        message:
          'Volume daten mounts the host path /srv/Käufe/データベース読み取り専用ではない/共有 without readOnly.',
      }),
      writable({
        cluster,
        name: evil,
        owner: '\u202egpj.exe\u202c',
        message: 'Image \u202egpj.exe\u202c \u001b[2Jis named by latest.',
      }),
    ]),
    { ...anAudited(aCluster('a\nINCOMPLETE: no\nb')), firstRun: true },
  ]);
};

/** What the owner payments gets of a run. */
export const ownersRun = (): DigestInput =>
  mail([
    anAudited(PROD, [...usual(PROD), openEgress({ name: 'refunds', owner: 'payments' })]),
    anAudited(US),
  ]);

const managedNew = (): DigestInput =>
  mail([
    anAudited(PROD, [
      ...usual(PROD),
      {
        ...writable({ namespace: 'kube-system', kind: 'DaemonSet', name: 'ebs-csi-node' }),
        managedBy: 'EKS add-on aws-ebs-csi-driver',
      },
    ]),
  ]);

/** What was known became worse: of an add-on, of a team, and of what is accepted. */
const changed = (): DigestInput => {
  const worse = (finding: Finding, ...facts: readonly string[]): Finding => ({
    ...finding,
    changed: { since: LAST_WEEK, facts },
  });
  const agent = aFinding({
    check: 'writable-host-path',
    severity: 'high',
    namespace: 'kube-system',
    kind: 'DaemonSet',
    name: 'aws-node',
    container: 'aws-node',
    status: 'open',
    message: 'Container aws-node can write /etc, /var/log on its node.',
  });
  const port = openEgress({
    check: 'egress-insecure-port',
    severity: 'high',
    namespace: 'legacy',
    name: 'erp',
    status: 'open',
    owner: 'erp-team@example.com',
  });
  const accepted = {
    ...writable({ namespace: 'attic', name: 'crm', owner: 'crm@example.com' }),
    status: 'exempt' as const,
  };
  return mail([
    anAudited(PROD, [
      ...usual(PROD),
      worse({ ...agent, managedBy: 'EKS add-on vpc-cni' }, 'can also write /etc on its node'),
      worse(
        port,
        'reaches all public IPv4 addresses on TCP 22',
        'reaches all public IPv6 addresses on TCP 22',
      ),
      worse(accepted, 'is high and was medium'),
    ]),
  ]);
};

/** Of one cluster nothing is left to compare with; of another one add-ons were updated. */
const newsUnknown = (): DigestInput => {
  const unread = aGap({
    check: 'comparison',
    reason: 'malformed-object',
    message:
      'The recorded state of cluster prod-eu is no JSON. So it is not known which of its findings are new and which are fixed or gone.',
    remediation: 'Restore an earlier version of the object, or delete it to start over.',
  });
  const over = addOns(US).map(
    (finding, index): Finding => ({
      ...finding,
      status: (['open', 'fixed', 'open', 'open', 'gone', 'gone'] as const)[index] ?? 'open',
    }),
  );
  return mail(
    [
      anAudited(PROD, usual(PROD), classed([unread], 'fixable')),
      anAudited(US, [...usual(US).filter(({ managedBy }) => managedBy == null), ...over]),
    ],
    { newsUnknown: true },
  );
};

const upgrade = (): DigestInput => {
  const dangling = aFinding({
    check: 'mesh-service-entry-broken',
    namespace: 'loyalty',
    kind: 'ServiceEntry',
    name: 'coupons',
    message: 'ServiceEntry loyalty/coupons names the host api.coupons.invalid, which no DNS server knows.',
    remediation: 'Correct the host, or delete the ServiceEntry.',
  });
  const missing = aGap({
    check: 'mesh-allows-any',
    message: 'This audit may not list sidecars.networking.istio.io (403), which this version asks for.',
    remediation: 'Run: eks-drift-audit access --cluster prod-eu | kubectl apply -f -',
  });
  return mail([anAudited(PROD, [...usual(PROD), dangling], classed([missing], 'fixable'))], {
    changes: {
      settings: ['eks-drift-auditor: 0.1.0 -> 0.2.0'],
      asked: new Map([[dangling.id, 'check-added']]),
    },
  });
};

const replaced = (): DigestInput => {
  const before = usual(STAGING).map((finding) => withdrawn(finding, 'cluster-replaced'));
  return mail([
    anAudited(PROD, usual(PROD)),
    anAudited(STAGING, [
      ...before,
      openEgress({ cluster: STAGING, namespace: 'shop', name: 'frontend', owner: 'shop' }),
    ]),
  ]);
};

const newCluster = (): DigestInput => {
  const fresh = usual(STAGING).map((finding) => ({
    ...finding,
    status: 'new' as const,
    firstSeen: '2026-03-02T06:00:00Z',
  }));
  return mail([anAudited(PROD, usual(PROD)), { ...anAudited(STAGING, fresh), firstRun: true }]);
};

const clusterGone = (): DigestInput =>
  mail([anAudited(PROD, usual(PROD))], {
    gone: [
      {
        cluster: STAGING,
        lastRun: '20260223T060000Z',
        findings: 12,
        state:
          's3://example-audit-reports/state/account=111122223333/region=eu-central-1/cluster=staging/state.json.gz',
      },
    ],
  });

const drift = (): DigestInput =>
  mail([anAudited(PROD, [...usual(PROD), drifted({ owner: 'payments' })]), anAudited(US, usual(US))]);

const severalAtOnce = (): DigestInput => {
  const { exemptions: notes = NO_EXEMPTION_NOTES } = exemptions();
  const off = withdrawn(
    openEgress({ check: 'egress-insecure-port', namespace: 'legacy', name: 'erp' }),
    'check-off',
  );
  return mail(
    [
      anAudited(PROD, [...usual(PROD), off, debugLeft({ owner: 'platform' })], classed(access(PROD), 'lost')),
      anAudited(
        US,
        [
          ...usual(US),
          openEgress({ cluster: US, name: 'billing', status: 'fixed' }),
          old({ cluster: US, name: 'b', status: 'gone' }),
        ],
        classed(windows(US, ['iis']), 'known', LAST_WEEK),
      ),
    ],
    {
      exemptions: notes,
      changes: { settings: ['checks.egress-insecure-port: default -> off'], asked: new Map() },
    },
  );
};

/** Fifty thousand findings, each with a cause of its own, and a reader who wants to see all. */
const tooLarge = (): DigestInput => {
  const findings = Array.from({ length: 50_000 }, (_, index) =>
    writable({ name: `service-${String(index).padStart(5, '0')}`, owner: `team-${index % 40}` }),
  );
  return mail([anAudited(PROD, findings), classedResult(aFailed(US), 'lost')], {
    options: { minSeverity: 'low', top: 100 },
  });
};

export const GOLDEN_RUNS: Readonly<Record<string, () => DigestInput>> = {
  '50000-findings': tooLarge,
  'accepted-gap-expired': acceptedExpired,
  'accepted-gap-grew': acceptedGrew,
  'all-clusters-missing': allMissing,
  changed,
  'check-switched-off': checkOff,
  'cluster-added': newCluster,
  'cluster-not-found': clusterGone,
  'cluster-replaced': replaced,
  'cluster-unreachable': unreachable,
  'cluster-never-reached': neverReached,
  'coverage-lost': lostCoverage,
  'coverage-still-lost': stillLost,
  'everything-fixed': everythingFixed,
  exemptions,
  'first-run': firstRun,
  'fleet-of-60': fleet,
  'hostile-names': hostile,
  'known-gaps-only': knownOnly,
  'late-news': lateNews,
  'limit-changed': limitChanged,
  'managed-new': managedNew,
  'measured-drift': drift,
  'new-critical': newCritical,
  'news-unknown': newsUnknown,
  'quiet-week': quietWeek,
  'several-at-once': severalAtOnce,
  'version-with-new-rights': upgrade,
  'workloads-gone': goneWorkloads,
};
