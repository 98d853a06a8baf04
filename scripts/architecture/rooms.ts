/** A part of the product and what it imports from. */
export interface Layer {
  readonly name: string;
  /** From the root of the repository; the longest that fits is the one of a file. */
  readonly folder: string;
  /** Others that it imports from. Each is above it in the list, and each is used. */
  readonly imports: readonly string[];
}

/**
 * The rooms of the product in the order of their imports: a room may import only from rooms above it in this list. The
 * test of the architecture holds both the order and the lists; docs/architecture.md is written from them.
 */
export interface Room extends Layer {
  /** The stage of the data that it belongs to. */
  readonly stage: Stage;
  /** What happens there, for the table of docs/architecture.md. */
  readonly what: string;
  /** What goes in and what comes out, likewise. */
  readonly way: string;
  /** No SDK, no clock, no environment, no input or output. */
  readonly pure?: true;
}

/** With their titles in the picture. */
export const STAGES = {
  entries: 'entry points',
  cases: 'use cases',
  sources: 'read',
  model: 'keep',
  judge: 'judge',
  findings: 'compare',
  record: 'record and notify',
  ground: 'for all',
} as const;
export type Stage = keyof typeof STAGES;

/** The way of the data. */
export const DATA: readonly Stage[] = ['sources', 'model', 'judge', 'findings', 'record'];

export const ROOMS: readonly Room[] = [
  {
    name: 'inventory',
    folder: 'lambda/inventory',
    stage: 'model',
    what: 'the model of a cluster; equal pods become one class',
    way: '`PodRecord` → `PodClass`',
    pure: true,
    imports: [],
  },
  {
    name: 'ground',
    folder: 'lambda',
    stage: 'ground',
    what: 'what every room may use: errors, severities, the version, a few helpers',
    way: '',
    imports: ['inventory'],
  },
  {
    name: 'config',
    folder: 'lambda/config',
    stage: 'ground',
    what: 'the configuration: schema, presets, units, patterns',
    way: 'YAML → `Config`',
    imports: ['inventory', 'ground'],
  },
  {
    name: 'connect',
    folder: 'lambda/connect',
    stage: 'sources',
    what: 'how to reach AWS and clusters: credentials, TLS, one keep-alive dispatcher',
    way: 'target → `KubeApi`',
    imports: ['inventory', 'ground'],
  },
  {
    name: 'measure',
    folder: 'lambda/measure',
    stage: 'sources',
    what: 'writable layers: answers of kubelets, joined with containers',
    way: '`/stats/summary` → `LayerReading`',
    imports: ['inventory', 'ground', 'connect'],
  },
  {
    name: 'collect',
    folder: 'lambda/collect',
    stage: 'sources',
    what: 'paged reads, retries, files; objects are read and forgotten',
    way: '`KubeApi` or files → `PodRecord`, policies',
    imports: ['inventory', 'ground', 'connect', 'measure'],
  },
  {
    name: 'discover',
    folder: 'lambda/discover',
    stage: 'sources',
    what: 'which clusters there are',
    way: '`Config` → targets',
    imports: ['inventory', 'ground', 'config', 'connect'],
  },
  {
    name: 'vpc',
    folder: 'lambda/vpc',
    stage: 'sources',
    what: 'what EC2 says of routes, security groups and instances',
    way: 'VPC → `VpcReading`',
    imports: ['inventory', 'ground', 'connect'],
  },
  {
    name: 'registry',
    folder: 'lambda/registry',
    stage: 'sources',
    what: 'what registries say of images: age, tags, scans, where SBOMs are',
    way: 'images in use → `ImagesReading`',
    imports: ['inventory', 'ground', 'connect'],
  },
  {
    name: 'egress',
    folder: 'lambda/egress',
    stage: 'judge',
    what: 'address sets, policy kinds, enforcement; one engine',
    way: 'policies and class → what it may reach',
    pure: true,
    imports: ['inventory', 'ground', 'config'],
  },
  {
    name: 'mesh',
    folder: 'lambda/mesh',
    stage: 'judge',
    what: 'Istio: which pods are in the mesh, which Sidecar applies, what is wrong with ServiceEntries',
    way: 'mesh objects and class → facts',
    pure: true,
    imports: ['inventory'],
  },
  {
    name: 'sbom',
    folder: 'lambda/sbom',
    stage: 'judge',
    what: 'what SBOMs list: formats, package URLs, versions',
    way: 'document → packages',
    pure: true,
    imports: [],
  },
  {
    name: 'findings',
    folder: 'lambda/findings',
    stage: 'findings',
    what: 'identity, comparison with the last run, ranking',
    way: 'findings → findings with a history',
    pure: true,
    imports: ['inventory', 'ground', 'config'],
  },
  {
    name: 'ownership',
    folder: 'lambda/ownership',
    stage: 'judge',
    what: 'who runs a workload, and whom to call about it',
    way: 'classes of a workload → owner, managed by whom',
    pure: true,
    imports: ['inventory', 'config'],
  },
  {
    name: 'exemptions',
    folder: 'lambda/exemptions',
    stage: 'findings',
    what: 'which findings are accepted, by configuration or annotation',
    way: 'findings → exempt or not',
    pure: true,
    imports: ['inventory', 'config', 'findings', 'ownership'],
  },
  {
    name: 'fixes',
    folder: 'lambda/fixes',
    stage: 'judge',
    what: 'what to change to remove a cause: text, command, risk, patch',
    way: 'cause and classes of a workload → `Fix`, files',
    pure: true,
    imports: ['inventory', 'ground', 'findings'],
  },
  {
    name: 'checks',
    folder: 'lambda/checks',
    stage: 'judge',
    what: 'one file a check, and the catalogue',
    way: 'class → verdicts → findings',
    pure: true,
    imports: ['inventory', 'ground', 'config', 'egress', 'mesh', 'findings', 'ownership', 'fixes'],
  },
  {
    name: 'report',
    folder: 'lambda/report',
    stage: 'record',
    what: 'one file a format',
    way: 'run → text',
    pure: true,
    imports: ['inventory', 'ground', 'config', 'findings', 'exemptions'],
  },
  {
    name: 'page',
    folder: 'lambda/report/page',
    stage: 'record',
    what: '`report.html`: sections that need no script, and the table of all findings as the browser shows it',
    way: 'run → HTML',
    pure: true,
    imports: ['inventory', 'ground', 'findings', 'fixes', 'report'],
  },
  {
    name: 'store',
    folder: 'lambda/store',
    stage: 'record',
    what: 'where reports and states are stored',
    way: 'text → folder or S3',
    imports: ['inventory', 'ground', 'findings', 'report'],
  },
  {
    name: 'notify',
    folder: 'lambda/notify',
    stage: 'record',
    what: 'notifications of a run',
    way: 'run → SNS, EventBridge, Security Hub',
    imports: ['ground', 'findings', 'report'],
  },
  {
    name: 'sample',
    folder: 'lambda/sample',
    stage: 'sources',
    what: 'the embedded sample: a snapshot whose times are moved to now',
    way: 'time → clusters',
    imports: ['collect'],
  },
  {
    name: 'access',
    folder: 'lambda/access',
    stage: 'cases',
    what: 'what a cluster must grant, from one list',
    way: 'rules → ClusterRole, access entry',
    imports: ['inventory', 'ground', 'config', 'connect', 'collect', 'checks'],
  },
  {
    name: 'audit',
    folder: 'lambda/audit',
    stage: 'cases',
    what: 'one cluster from its target to its results',
    way: 'target → `ClusterResult`',
    imports: [
      'inventory',
      'ground',
      'config',
      'connect',
      'collect',
      'measure',
      'discover',
      'vpc',
      'egress',
      'mesh',
      'findings',
      'exemptions',
      'fixes',
      'checks',
    ],
  },
  {
    name: 'questions',
    folder: 'lambda/questions',
    stage: 'cases',
    what: 'what a person asks of egress',
    way: 'inventory → answers',
    imports: ['inventory', 'ground', 'config', 'collect', 'egress', 'findings', 'checks', 'report', 'audit'],
  },
  {
    name: 'run',
    folder: 'lambda/run',
    stage: 'cases',
    what: 'what a run decides, records and sends',
    way: 'results → objects, mail',
    imports: [
      'inventory',
      'ground',
      'config',
      'connect',
      'collect',
      'discover',
      'findings',
      'exemptions',
      'checks',
      'report',
      'page',
      'store',
      'notify',
      'audit',
    ],
  },
  {
    name: 'fleet',
    folder: 'lambda/fleet',
    stage: 'cases',
    what: 'the same in stages over many clusters',
    way: 'plan → parts → run',
    imports: [
      'inventory',
      'ground',
      'config',
      'connect',
      'discover',
      'findings',
      'report',
      'store',
      'audit',
      'run',
    ],
  },
  {
    name: 'cli',
    folder: 'lambda/cli',
    stage: 'entries',
    what: 'wiring for a laptop',
    way: 'flags → use case',
    imports: [
      'inventory',
      'ground',
      'config',
      'connect',
      'collect',
      'measure',
      'discover',
      'egress',
      'findings',
      'fixes',
      'checks',
      'report',
      'store',
      'notify',
      'sample',
      'access',
      'audit',
      'questions',
      'run',
    ],
  },
  {
    name: 'handlers',
    folder: 'lambda/handlers',
    stage: 'entries',
    what: 'wiring for Lambda',
    way: 'events → use case',
    imports: [
      'inventory',
      'ground',
      'config',
      'connect',
      'discover',
      'checks',
      'report',
      'store',
      'notify',
      'audit',
      'run',
      'fleet',
    ],
  },
  {
    name: 'lib',
    folder: 'lib',
    stage: 'entries',
    what: 'the infrastructure (CDK)',
    way: '`Deployment` → templates',
    imports: ['inventory', 'ground', 'config', 'connect', 'discover', 'vpc', 'checks', 'access', 'handlers'],
  },
  {
    name: 'bin',
    folder: 'bin',
    stage: 'entries',
    what: 'entry points of the command line and of CDK',
    way: '',
    imports: ['ground', 'cli', 'lib'],
  },
];

/** The folders of `egress`, the largest room, likewise. */
export const EGRESS: readonly Layer[] = [
  { name: 'sets', folder: 'lambda/egress/sets', imports: [] },
  { name: 'policies', folder: 'lambda/egress/policies', imports: ['sets'] },
  { name: 'kinds/core', folder: 'lambda/egress/kinds/core', imports: ['sets', 'policies'] },
  { name: 'kinds/admin', folder: 'lambda/egress/kinds/admin', imports: ['sets', 'policies', 'kinds/core'] },
  {
    name: 'kinds/aws',
    folder: 'lambda/egress/kinds/aws',
    imports: ['sets', 'policies', 'kinds/core', 'kinds/admin'],
  },
  { name: 'kinds/calico', folder: 'lambda/egress/kinds/calico', imports: ['sets', 'policies', 'kinds/core'] },
  { name: 'kinds/cilium', folder: 'lambda/egress/kinds/cilium', imports: ['sets', 'policies', 'kinds/core'] },
  {
    name: 'kinds',
    folder: 'lambda/egress/kinds',
    imports: ['policies', 'kinds/core', 'kinds/admin', 'kinds/aws', 'kinds/calico', 'kinds/cilium'],
  },
  { name: 'decide', folder: 'lambda/egress/decide', imports: ['sets', 'policies'] },
  {
    name: 'enforcement',
    folder: 'lambda/egress/enforcement',
    imports: ['sets', 'policies', 'kinds/core', 'kinds/calico', 'kinds/cilium', 'kinds', 'decide'],
  },
  { name: 'approved/ranges', folder: 'lambda/egress/approved/ranges', imports: [] },
  { name: 'approved/registries', folder: 'lambda/egress/approved/registries', imports: ['sets'] },
  {
    name: 'approved',
    folder: 'lambda/egress/approved',
    imports: ['sets', 'approved/ranges', 'approved/registries'],
  },
  {
    name: 'answers',
    folder: 'lambda/egress/answers',
    imports: ['sets', 'policies', 'decide', 'enforcement', 'approved'],
  },
  { name: 'routing', folder: 'lambda/egress/routing', imports: ['sets', 'policies'] },
  { name: 'suggest', folder: 'lambda/egress/suggest', imports: ['sets', 'approved'] },
  {
    name: 'engine',
    folder: 'lambda/egress',
    imports: ['policies', 'kinds', 'enforcement', 'approved', 'answers'],
  },
];

/** The one of a file; `undefined` where it is in none. */
export const layerOf = <One extends Layer>(layers: readonly One[], path: string): One | undefined =>
  layers
    .filter(({ folder }) => path.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
