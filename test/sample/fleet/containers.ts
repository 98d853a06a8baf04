import { hex, type Json, type Labels, present } from './kubernetes.ts';

/** A container as a manifest's author would describe it; {@link containerObject} adds what the API server defaults. */
export interface ContainerDescription {
  readonly name: string;
  readonly image: string;
  /** `securityContext` */
  readonly security?: Json;
  readonly mounts?: readonly Json[];
  readonly port?: number;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Labels;
  readonly memory?: string;
  /** `Always` on an init container makes it a native sidecar. */
  readonly restartPolicy?: 'Always';
}

/** A container that can neither change itself nor act as root. */
export const HARDENED: Json = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 10001,
};

/** Not root, but free to write to its own root filesystem. */
export const NON_ROOT: Json = { allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1000 };

export const mount = (volume: string, path: string): Json => ({ mountPath: path, name: volume });
export const mountReadOnly = (volume: string, path: string): Json => ({
  ...mount(volume, path),
  readOnly: true,
});

export const hostPath = (name: string, path: string, type = 'Directory'): Json => ({
  hostPath: { path, type },
  name,
});
export const emptyDir = (name: string, sizeLimit?: string): Json => ({
  emptyDir: sizeLimit === undefined ? {} : { sizeLimit },
  name,
});
export const memoryDir = (name: string, sizeLimit?: string): Json => ({
  emptyDir: present({ medium: 'Memory', sizeLimit }),
  name,
});
export const claim = (name: string, claimName: string): Json => ({
  name,
  persistentVolumeClaim: { claimName },
});
export const configMap = (name: string, configMapName: string): Json => ({
  configMap: { defaultMode: 420, name: configMapName },
  name,
});

/** The digest that a reference pins, else an invented one that is always the same for it. */
export function digestOf(image: string): string {
  const pinned = image.split('@')[1];
  return pinned ?? `sha256:${hex(`image/${image}`)}`;
}

/** Adds the digest to a reference: `repo:1.2` becomes `repo:1.2@sha256:…`. */
export const pinned = (image: string): string => `${image}@${digestOf(image)}`;

/** The repository of a reference without tag and digest; a colon before a slash is a port. */
export function repositoryOf(image: string): string {
  const name = image.split('@')[0] ?? image;
  return /^(.*?)(:[^:/]*)?$/.exec(name)?.[1] ?? name;
}

/** The container with the API server's defaults, as its pod template shows it. */
export function containerObject(container: ContainerDescription, workload: string): Json {
  const { name, image, security, mounts, port, command, args, restartPolicy } = container;
  const memory = container.memory ?? '256Mi';
  const probed = port !== undefined;
  return present({
    args,
    command,
    env: environment(container, workload),
    image,
    imagePullPolicy: isMutable(image) ? 'Always' : 'IfNotPresent',
    livenessProbe: probed ? probe('/healthz', 20) : undefined,
    name,
    ports: probed ? [{ containerPort: port, name: 'http', protocol: 'TCP' }] : undefined,
    readinessProbe: probed ? probe('/readyz', 5) : undefined,
    resources: { limits: { memory }, requests: { cpu: '100m', memory } },
    restartPolicy,
    securityContext: security,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: mounts,
  });
}

/** Images by `latest` or without a tag are pulled at every start: the API server's default. */
function isMutable(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = image.slice(repositoryOf(image).length);
  return tag === '' || tag === ':latest';
}

/** Applications configure themselves by environment; the audit must never show a value of it. */
function environment(container: ContainerDescription, workload: string): readonly Json[] {
  const values: Labels = {
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://$(HOST_IP):4317',
    OTEL_RESOURCE_ATTRIBUTES: `service.name=${workload},k8s.pod.name=$(POD_NAME),k8s.container.name=${container.name}`,
    ...container.env,
  };
  return [
    fromField('HOST_IP', 'status.hostIP'),
    fromField('POD_NAME', 'metadata.name'),
    fromField('POD_NAMESPACE', 'metadata.namespace'),
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
}

const fromField = (name: string, fieldPath: string): Json => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
});

const probe = (path: string, initialDelaySeconds: number): Json => ({
  failureThreshold: 3,
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  initialDelaySeconds,
  periodSeconds: 10,
  successThreshold: 1,
  timeoutSeconds: 2,
});
