/**
 * A small case with its right verdict. The tests run it through the whole command line, `checks explain` and
 * docs/checks.md show it.
 */
export interface Example {
  /** What is special about it, as the end of a sentence: `a root filesystem that is read-only`. */
  readonly title: string;
  /** What the check says of it; `not-applicable`: nothing. */
  readonly verdict: 'fail' | 'pass' | 'not-evaluated' | 'not-applicable';
  /** YAML: the fields of the pod that matter. The others are those of {@link EXAMPLE_WORLD}. */
  readonly pod?: string;
  /** YAML documents: what else there is in the cluster. */
  readonly others?: string;
  /** YAML of audit.config.yaml. @defaultValue the default configuration */
  readonly config?: string;
}

/** When examples are audited. */
export const EXAMPLE_NOW = '2026-03-01T12:00:00Z';

/** Where examples are judged, in words. */
export const EXAMPLE_WORLD = `Each example is a running pod app of the StatefulSet app in namespace shop, with one container app, on a Linux node where the VPC CNI enforces network policies. The cluster holds nothing else, and is audited at ${EXAMPLE_NOW}.`;

/** A NetworkPolicy for the pods of an example. @param rules YAML of `spec.egress` */
export const egressPolicy = (rules: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: app-egress, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: ${rules}`;

/** What a check does with an example, in words. */
export const EXAMPLE_VERDICTS: Readonly<Record<Example['verdict'], string>> = {
  fail: 'fails',
  pass: 'passes',
  'not-evaluated': 'is not evaluated',
  'not-applicable': 'is not judged',
};

/** Everything that an example gives, as YAML documents; empty where it is as every other. */
export const exampleYaml = ({ pod, others, config }: Example): string =>
  [pod, others, config === undefined ? undefined : `# audit.config.yaml\n${config}`]
    .filter((part) => part !== undefined)
    .join('\n---\n');
