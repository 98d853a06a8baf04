import { type DrawnPatch, MOST_PATCHED, type WorkloadPatches } from '../../lambda/findings/drawn-patch.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { PageInput } from '../../lambda/report/page/page-input.ts';
import { aCluster, aGap, anAudited } from '../report/builders.ts';
import {
  classed,
  drifted,
  mail,
  old,
  openEgress,
  PROD,
  STAGING,
  US,
  updates,
  writable,
} from '../report/golden-parts.ts';
import { pageInput } from '../report/page/pages.ts';

const MAKERS = [openEgress, writable, old, updates, drifted];

/** As many and as long as a cluster has at most. */
const patchesFor = (findings: readonly Finding[]): readonly WorkloadPatches[] =>
  findings.slice(0, MOST_PATCHED).map(({ cause, workload: { name } }, index) => ({
    score: index,
    workload: name,
    patches: Array.from({ length: 8 }, (_, at) => ({
      cause: at === 0 ? (cause?.id ?? '') : `${index} ${at}`,
      name: `${name}-${at}`,
      notes: [`A strategic merge patch for ${name}.`],
      before: [],
      document: { spec: Array.from({ length: 100 }, (_, line) => ({ name: `${name}-${at}-${line}` })) },
      command: `kubectl patch deployment ${name} --patch-file ${name}-${at}.yaml`,
    })),
  }));

/** As of many teams; `different`: every message and evidence is one of its own, which packs worst. */
export function manyFindings(total: number, { different = false } = {}): PageInput {
  const clusters = [PROD, US, STAGING];
  return pageInput(
    mail(
      clusters.map((cluster, at) => {
        const from = Math.floor((total * at) / clusters.length);
        const to = Math.floor((total * (at + 1)) / clusters.length);
        const findings = Array.from({ length: to - from }, (_, index) =>
          one(cluster, from + index, different),
        );
        return { ...anAudited(cluster, findings), patches: patchesFor(findings) };
      }),
    ),
  );
}

const STATUSES = ['new', 'open', 'open', 'open', 'open', 'open', 'exempt', 'open', 'fixed', 'open'] as const;

function one(cluster: ClusterIdentity, index: number, different: boolean): Finding {
  const make = MAKERS[index % MAKERS.length] ?? openEgress;
  const team = `team-${index % 97}`;
  const finding = make({
    cluster,
    namespace: team,
    name: `service-${Math.floor(index / MAKERS.length)}`,
    owner: `${team}@example.com`,
    status: STATUSES[Math.floor(index / 7) % STATUSES.length] ?? 'open',
    pods: 1 + (index % 9),
  });
  if (!different) return { ...finding, id: `${index}` };
  const number = (index * 2_654_435_761) % 2 ** 32;
  return {
    ...finding,
    id: `${index}`,
    message: `${finding.message} It was seen ${number} times.`,
    evidence: {
      ...finding.evidence,
      image: `registry.example.com/${team}/${index}@sha256:${number.toString(16)}`,
    },
  };
}

/** Text that would do something if it were taken for markup, a script or an attribute. */
export const HOSTILE: readonly string[] = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  `"><svg onload='alert(1)'>`,
  '</style><style>*{display:none}</style>',
  'javascript:alert(1)',
  "');alert(1);//",
  '$'.concat('{alert(1)}'),
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\u202egpj.exe',
  'a\nb\u0000c',
  'half \ud800',
  '=HYPERLINK("http://evil")',
];

/** A patch that says a text wherever one of a cluster can be. */
const patchSaying = (cause: string, text: string): DrawnPatch => ({
  cause,
  name: text,
  notes: [text],
  before: [{ what: text, line: text }],
  document: { [text]: [{ name: text }] },
  command: text,
});

/** A run that says one text in every field that a cluster, a file or a person fills. */
export function hostileRun(text: string): PageInput {
  const cluster = { ...aCluster(text), arn: text, accountId: text, region: text };
  const finding: Finding = {
    ...openEgress({
      cluster,
      namespace: text,
      kind: text,
      name: text,
      container: text,
      message: text,
      remediation: text,
      evidence: { [text]: text, image: text },
    }),
    owner: text,
    controls: [text],
    pods: { count: 2, examples: [text], oldestStartedAt: text },
    firstSeen: text,
    lastSeen: text,
    fix: { text, command: text, risk: text },
    cause: { id: 'c', kind: 'unknown', object: { kind: text, namespace: text, name: text, part: text } },
    origin: { file: text, line: 1 },
  };
  const exempt: Finding = {
    ...finding,
    id: 'e',
    status: 'exempt',
    exemption: { reason: text, owner: text, expires: text },
  };
  const gap = aGap({
    cluster,
    workload: { namespace: text, kind: text, name: text },
    message: text,
    remediation: text,
  });
  return pageInput(
    mail(
      [
        {
          ...anAudited(cluster, [finding, exempt], classed([gap], 'lost')),
          patches: [{ score: 1, workload: text, patches: [patchSaying('c', text)] }],
          notes: [text],
          excluded: [{ namespace: text, pods: 1 }],
        },
      ],
      {
        gone: [{ cluster, lastRun: text, findings: 1, state: text }],
        shortfalls: [{ part: text, problem: text }],
        changes: { settings: [text], asked: new Map() },
      },
    ),
    { config: { [text]: text }, objects: [{ key: text, bytes: 1, sha256: text }] },
  );
}
