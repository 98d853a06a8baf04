import { MalformedObject } from '../../fields.ts';
import { readMessage, readText } from '../protobuf/wire.ts';
import { CONTAINER_STATUS, type ContainerStatus } from './container-status.ts';
import { added, repeated, text, time } from './kinds.ts';
import { type Field, message } from './message.ts';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Of a wrong form in JSON it is left out: without it a check finds more, and whether a pod can be read must not depend on who asks. */
const address = (number: number): Field<string> => ({
  number,
  absent: '',
  fromJson: (value) => (isText(value) ? value : ''),
  fromProtobuf: (reader, tag) => readText(reader, tag),
});

/** PodIP and HostIP: ip (1). Of a wrong form in JSON they are left out, too. */
const addresses = (number: number): Field<string[]> => ({
  number,
  absent: [],
  fromJson: (value) =>
    Array.isArray(value) ? value.map((one: { ip?: unknown } | null) => one?.ip).filter(isText) : [],
  fromProtobuf(reader, tag, _, before) {
    let ip = '';
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 !== 1) return false;
      ip = readText(reader, inner);
      return true;
    });
    return ip === '' ? (before ?? []) : added(before, ip);
  },
});

const FIELDS = {
  phase: text(1),
  startTime: time(7),
  containerStatuses: repeated(8, CONTAINER_STATUS),
  initContainerStatuses: repeated(10, CONTAINER_STATUS),
  ephemeralContainerStatuses: repeated(13, CONTAINER_STATUS),
};

export const POD_STATUS = message(FIELDS);
export type PodStatus = ReturnType<typeof POD_STATUS.fresh>;

/** The same where addresses are asked for. */
export const POD_STATUS_WITH_ADDRESSES = message({
  ...FIELDS,
  hostIP: address(5),
  podIP: address(6),
  podIPs: addresses(12),
  hostIPs: addresses(16),
});
export type PodStatusWithAddresses = ReturnType<typeof POD_STATUS_WITH_ADDRESSES.fresh>;

/** The status of the container of a name. */
export type StatusOf = (container: string) => ContainerStatus | undefined;

/** With as many a search costs what a map costs to make. */
const FEW = 16;

/**
 * Should types share a name, ephemeral goes before container before init.
 * @throws MalformedObject
 */
export function statusesBy(status: PodStatus): StatusOf {
  const {
    initContainerStatuses: init,
    containerStatuses: main,
    ephemeralContainerStatuses: ephemeral,
  } = status;
  checkNames('initContainerStatuses', init);
  checkNames('containerStatuses', main);
  checkNames('ephemeralContainerStatuses', ephemeral);
  if (init.length + main.length + ephemeral.length > FEW) {
    const byName = new Map([...init, ...main, ...ephemeral].map((one) => [one.name, one]));
    return (name) => byName.get(name);
  }
  return (name) => lastOf(ephemeral, name) ?? lastOf(main, name) ?? lastOf(init, name);
}

function checkNames(list: keyof PodStatus, statuses: readonly ContainerStatus[]): void {
  for (let index = 0; index < statuses.length; index++) {
    if (statuses[index]?.name === '') throw new MalformedObject(`status.${list}[${index}].name is missing`);
  }
}

function lastOf(statuses: readonly ContainerStatus[], name: string): ContainerStatus | undefined {
  for (let index = statuses.length - 1; index >= 0; index--) {
    if (statuses[index]?.name === name) return statuses[index];
  }
  return undefined;
}
