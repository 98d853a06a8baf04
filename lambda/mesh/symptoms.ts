/**
 * What an application sees of an entry that cannot work. It talks to its sidecar, so what it gets is the sidecar's
 * answer, not the network's.
 * Sources: https://istio.io/latest/docs/ops/common-problems/network-issues/, and for unknown destinations
 * https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/ (502 under REGISTRY_ONLY).
 */
export const SYMPTOMS = {
  unknownDestination:
    'Under REGISTRY_ONLY, HTTP requests are answered with 502 and TLS and TCP connections are reset; under ALLOW_ANY they pass as to any unknown destination.',
  noEndpoint:
    'HTTP requests are answered with 503 (no healthy upstream), TLS and TCP connections are closed as soon as they are made.',
  nameResolution:
    'Name resolution fails in the sidecar: HTTP requests are answered with 503, TLS and TCP connections are closed.',
  tlsToPlain:
    'Applications that use TLS get a TLS error (wrong version number), since the sidecar reads their handshake as HTTP and answers 400 in plain text.',
  plainToTls:
    'Plain HTTP requests have no server name (SNI) to match: the connection is reset under REGISTRY_ONLY, and passes as to an unknown destination under ALLOW_ANY.',
  wrongServer:
    'Connections reach the server of the other entry: a TLS error (the certificate is for another name) or a protocol error.',
  datagrams: 'The entry has no effect: UDP traffic bypasses the sidecar.',
  timeout:
    'The sidecar accepts the connection and its own one times out: HTTP requests are answered with 503 after the connect timeout (10 s by default), TLS and TCP connections hang and are closed.',
} as const;

export type Symptom = keyof typeof SYMPTOMS;
