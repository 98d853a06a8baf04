import { NO_LIMIT } from '../../config/fields.ts';
import { formatBytes } from '../../config/units.ts';
import { writtenText } from '../../findings/written.ts';
import { instantText } from '../../inventory/instant.ts';
import type { LayerSizes, MeasuredContainer } from '../../inventory/layers.ts';
import { ofContainer } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import {
  ATTACK_T1105,
  BSI_SYS_1_6_A23,
  BSI_SYS_1_6_A24,
  FEDRAMP_CMT_RMV,
  FEDRAMP_SVC_ACM,
  ISO_27001_A_8_32,
  NIST_4_4_4,
  NIST_53_SI_7,
  NSA_CISA_IMMUTABLE,
  PCI_DSS_11_5_2,
} from '../controls.ts';

/** The status that says when the container of an example was started, after which it was measured. */
const RUNNING = `status:
  containerStatuses:
    - { name: app, state: { running: { startedAt: 2026-02-12T00:00:00Z } } }`;

/** The answer of the kubelet of an example. */
const summary = (rootfs: object): string =>
  JSON.stringify({
    node: { nodeName: 'ec2' },
    pods: [
      {
        podRef: { namespace: 'shop', name: 'app-0' },
        containers: [{ name: 'app', rootfs: { time: '2026-03-01T11:59:50Z', ...rootfs } }],
      },
    ],
  });

/**
 * What the kubelet measured in the writable layer of a container that runs (Summary API,
 * `pods[].containers[].rootfs`). Bytes alone are weak: a package install may stay below any limit of bytes, but has
 * hundreds of inodes.
 * Source: https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source
 */
export const writableLayerDrifted: Check = {
  id: 'writable-layer-drifted',
  title: 'Container has written into its writable layer',
  category: 'writable-layer',
  severity: 'high',
  cause: ofContainer('drifted'),
  drift: 'measured',
  failsWhen:
    'The measured bytes or inodes in the writable layer of a running container exceed limits.writableLayerMaxBytes or limits.writableLayerMaxInodes.',
  notEvaluatedWhen:
    'Some running container was not measured, and none of those that were exceeds a limit: its kubelet was not reached, or does not know the size. A reading of 0 inodes proves nothing.',
  notApplicableTo: 'Manifests, and containers that do not run.',
  why: 'The image was scanned, the layer was not: what a container wrote since it was started, such as updated libraries or tools that were downloaded, is in no SBOM.',
  evidence:
    'pod, bytes and inodes of the largest container, limitBytes and limitInodes, since (its start), sampledAt, smallestBytes and smallestInodes of its siblings, the other replicas, which differ only by what was written, measured, the number of containers, and, where an earlier run measured the same container, grownBytes and grownInodes since grownSince and aboveBaseSince, the first run that measured more than an idle layer holds.',
  remediation:
    'Replace the pod, then set readOnlyRootFilesystem: true and mount an emptyDir at the paths that must be writable, which does not count.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          securityContext: { readOnlyRootFilesystem: true }
          volumeMounts: [{ name: tmp, mountPath: /tmp }]
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }`,
  verify:
    'kubectl get --raw /api/v1/nodes/NODE/proxy/stats/summary   # pods[].containers[].rootfs: usedBytes, inodesUsed',
  controls: [
    supports(NSA_CISA_IMMUTABLE, 'shows that the application in the container was modified'),
    supports(NIST_4_4_4, 'shows files that were written where none are expected'),
    supports(ATTACK_T1105, 'tools that were downloaded are files in the layer'),
    supports(NIST_53_SI_7, 'asks to detect unauthorized changes to software'),
    supports(FEDRAMP_CMT_RMV, 'asks for redeployment instead of direct modification'),
    supports(FEDRAMP_SVC_ACM, 'asks for a persistent review for drift'),
    supports(PCI_DSS_11_5_2, 'asks for a mechanism that detects changes'),
    supports(BSI_SYS_1_6_A23, 'the container has changed its file system at run time'),
    supports(BSI_SYS_1_6_A24, 'file system access of containers should be monitored'),
    supports(ISO_27001_A_8_32, 'what runs has changed outside a deployment'),
  ],
  examples: [
    {
      title: 'a layer of 48 MiB',
      verdict: 'fail',
      config: 'measure: { writableLayer: kubelet }',
      pod: RUNNING,
      others: summary({ usedBytes: 50_331_648, inodesUsed: 412 }),
    },
    {
      title: 'many small files, with a limit of inodes',
      verdict: 'fail',
      config: 'measure: { writableLayer: kubelet }\nlimits: { writableLayerMaxInodes: 200 }',
      pod: RUNNING,
      others: summary({ usedBytes: 28_672, inodesUsed: 1006 }),
    },
    {
      title: 'an idle layer',
      verdict: 'pass',
      config: 'measure: { writableLayer: kubelet }',
      pod: RUNNING,
      others: summary({ usedBytes: 8192, inodesUsed: 5 }),
    },
    {
      title: 'zeros, which the runtime gives when it does not know',
      verdict: 'not-evaluated',
      config: 'measure: { writableLayer: kubelet }',
      pod: RUNNING,
      others: summary({ usedBytes: 0, inodesUsed: 0, time: '1970-01-01T00:00:00Z' }),
    },
    {
      title: 'layers that are not measured',
      verdict: 'not-applicable',
      pod: RUNNING,
    },
  ],
  ofRunning: true,
  notAsked: (_, { measured }) =>
    measured
      ? null
      : 'writable-layer-drifted does not apply: writable layers are not measured (measure.writableLayer: off).',
  needs: [],
  evaluate(subject, { limits }): readonly Outcome[] {
    if (subject.source === 'template') return [];
    const { layers } = subject.population;
    return subject.spec.containers.flatMap(({ name }) => {
      const sizes = layers.get(name);
      return sizes === undefined ? [] : [judge(name, sizes, limits)];
    });
  },
};

interface LayerLimits {
  readonly writableLayerMaxBytes: number;
  readonly writableLayerMaxInodes: number;
}

function judge(container: string, sizes: LayerSizes, limits: LayerLimits): Outcome {
  const { writableLayerMaxBytes: mostBytes, writableLayerMaxInodes: mostInodes } = limits;
  const isOver = ({ bytes, inodes }: Pick<MeasuredContainer, 'bytes' | 'inodes'>): boolean =>
    bytes > mostBytes || inodes > mostInodes;
  const over = sizes.bytes.filter((bytes, at) =>
    isOver({ bytes, inodes: sizes.inodes[at] as number }),
  ).length;
  if (over === 0) return undecided(container, sizes) ?? pass(container);
  // The largest that is over: the fullest may be another one.
  const worst = [...sizes.largest, ...sizes.fullest].find(isOver) as MeasuredContainer;
  const { bytes, inodes, startedAt, sampledAt } = worst;
  const measured = sizes.bytes.length;
  const examples = [
    ...new Map([...sizes.largest, ...sizes.fullest].filter(isOver).map((one) => [one.pod, one])).values(),
  ];
  const evidence = {
    pod: worst.pod,
    bytes,
    inodes,
    limitBytes: mostBytes,
    limitInodes: mostInodes === NO_LIMIT ? null : mostInodes,
    since: instantText(startedAt),
    sampledAt: instantText(sampledAt),
    smallestBytes: leastBeside(bytes, sizes.bytes),
    smallestInodes: leastBeside(inodes, sizes.inodes),
    measured,
  };
  return {
    verdict: 'fail',
    container,
    message: `Container ${container} ${writtenText(evidence)}. ${limitText(worst, { mostBytes, mostInodes })}`,
    evidence,
    pods: {
      count: over,
      examples: examples.map((one) => ({
        name: one.pod,
        startedAt: one.startedAt,
        node: null,
        terminating: false,
      })),
    },
    weight: bytes + inodes,
  };
}

/** The least of the others, of which the largest is not one; `null` where there is none. */
function leastBeside(own: number, all: readonly number[]): number | null {
  const at = all.indexOf(own);
  const others = all.filter((_, index) => index !== at);
  return others.length === 0 ? null : others.reduce((least, value) => Math.min(least, value));
}

function limitText(
  { bytes, inodes }: MeasuredContainer,
  { mostBytes, mostInodes }: { readonly mostBytes: number; readonly mostInodes: number },
): string {
  if (bytes <= mostBytes) return `The limit is ${mostInodes} inodes.`;
  return inodes > mostInodes
    ? `The limits are ${formatBytes(mostBytes)} and ${mostInodes} inodes.`
    : `The limit is ${formatBytes(mostBytes)}.`;
}

/** One that was not measured may hold anything. */
function undecided(container: string, { unmeasured }: LayerSizes): Outcome | null {
  const [most, ...others] = [...unmeasured].sort(([, a], [, b]) => b - a);
  if (most === undefined) return null;
  const [{ reason, message, remedy }] = most;
  const count = [most, ...others].reduce((sum, [, pods]) => sum + pods, 0);
  const more =
    others.length === 0
      ? ''
      : ` ${others
          .map(([other]) => other.message)
          .slice(0, 2)
          .join(' ')}`;
  return {
    verdict: 'not-evaluated',
    container,
    reason,
    message: `${count === 1 ? 'A running container' : `${count} running containers`} ${container} ${count === 1 ? 'was' : 'were'} not measured: ${message}${more}`,
    remediation: remedy,
  };
}
