import {
  bytesField,
  encodeListMeta,
  encodePod,
  type ListMeta,
  textField,
  varint,
} from '../encoding/encode.ts';
import { ARCHETYPES, podOf } from './archetypes.ts';
import {
  POD_SLOTS,
  type PodSlot,
  TIME_SLOTS,
  type TimeSlot,
  WORKLOAD_SLOTS,
  type WorkloadSlot,
} from './placeholders.ts';
import { type Encoding, findSlots, type Slot, stamp, timeText } from './stamp.ts';
import { podTimes, podValues, REPLICAS, workloadValues } from './values.ts';

/**
 * The pods of a cluster of any size, which is never held: a pod is made by copying its workload's
 * template, byte for byte, and filling in what is its own.
 */
export interface SyntheticPods {
  /** The body of a list of the pods from `from` up to `to`. */
  page(from: number, to: number, meta: ListMeta): Buffer;
}

/** A pod as an item of a list, in one encoding, with places for what differs. */
interface Template {
  readonly bytes: Buffer;
  readonly workload: readonly Slot<WorkloadSlot>[];
  readonly pod: readonly Slot<PodSlot | TimeSlot>[];
}

function templateOf(bytes: Buffer, encoding: Encoding): Template {
  const times = {
    created: timeText(TIME_SLOTS.created, encoding),
    started: timeText(TIME_SLOTS.started, encoding),
  };
  return {
    bytes,
    workload: findSlots(bytes, WORKLOAD_SLOTS),
    pod: findSlots(bytes, { ...POD_SLOTS, ...times }),
  };
}

function templatesIn(encoding: Encoding): readonly Template[] {
  return ARCHETYPES.map(podOf).map((pod) => {
    const bytes =
      encoding === 'json' ? Buffer.from(`${JSON.stringify(pod)},`) : bytesField(2, encodePod(pod));
    return templateOf(bytes, encoding);
  });
}

export function syntheticPods(encoding: Encoding, pods: number): SyntheticPods {
  const templates = templatesIn(encoding);
  let current = -1;
  let bytes: Buffer = Buffer.alloc(0);

  /** The template with the workload filled in; pods come in order, so the last one is kept. */
  function workloadTemplate(workload: number): Template {
    const template = templates[workload % templates.length] as Template;
    if (workload !== current) {
      bytes = Buffer.from(template.bytes);
      stamp(bytes, 0, { slots: template.workload, values: workloadValues(workload) });
      current = workload;
    }
    return { ...template, bytes };
  }

  function items(from: number, to: number): Buffer {
    const parts: Template[] = [];
    let size = 0;
    for (let pod = from; pod < to; pod++) {
      const template = templates[Math.floor(pod / REPLICAS) % templates.length] as Template;
      size += template.bytes.length;
      parts.push(template);
    }
    const target = Buffer.allocUnsafe(size);
    let offset = 0;
    for (let pod = from; pod < to; pod++) {
      const template = workloadTemplate(Math.floor(pod / REPLICAS));
      template.bytes.copy(target, offset);
      const { created, started } = podTimes(pod);
      const times = { created: timeText(created, encoding), started: timeText(started, encoding) };
      stamp(target, offset, { slots: template.pod, values: { ...podValues(pod, pods), ...times } });
      offset += template.bytes.length;
    }
    return target;
  }

  return {
    page: (from, to, meta) =>
      encoding === 'json' ? jsonPage(items(from, to), meta) : protobufPage(items(from, to), meta),
  };
}

function jsonPage(items: Buffer, meta: ListMeta): Buffer {
  const head = `{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(meta)},"items":[`;
  // Each item ends in a comma, also the last.
  return Buffer.concat([
    Buffer.from(head),
    items.subarray(0, Math.max(0, items.length - 1)),
    Buffer.from(']}\n'),
  ]);
}

/** As `encodeEnvelope` does it, without copying the items once more. */
function protobufPage(items: Buffer, meta: ListMeta): Buffer {
  const listMeta = bytesField(1, encodeListMeta(meta));
  const type = bytesField(1, Buffer.concat([textField(1, 'v1'), textField(2, 'PodList')]));
  const raw = Buffer.from([0x12, ...varint(listMeta.length + items.length)]);
  return Buffer.concat([
    Buffer.from('k8s\0'),
    type,
    raw,
    listMeta,
    items,
    textField(3, ''),
    textField(4, ''),
  ]);
}
