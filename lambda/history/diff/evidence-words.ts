import { canonicalJson } from '../../config/hash.ts';
import { formatBytes, formatDuration } from '../../config/units.ts';
import type { Evidence, Json } from '../../findings/finding.ts';
import { count, listed, shortened, thousands } from '../../report/words.ts';

/**
 * Follows from the time of the run, from the run before it, or from how an answer was got, and says nothing of the workload; or is said
 * elsewhere, as the number of pods is.
 */
const UNSAID = new Set([
  'ageSeconds',
  'oldestAgeSeconds',
  'sampledAt',
  'grownSince',
  'grownBytes',
  'grownInodes',
  'cached',
  'pods',
]);

/** How a value is said. */
type Form = (value: Json) => string;

const plain: Form = (value) => shortened(typeof value === 'string' ? value : JSON.stringify(value), 80);
const ofNumber =
  (text: (value: number) => string): Form =>
  (value) =>
    typeof value === 'number' ? text(value) : plain(value);
const duration = ofNumber((seconds) => formatDuration(seconds * 1000));
const bytes = ofNumber(formatBytes);
const number = ofNumber(thousands);
const share = ofNumber((part) => (part > 0 && part < 0.01 ? 'under 1%' : `${Math.floor(part * 100)}%`));
const time: Form = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/.test(value)
    ? `${value.slice(0, 10)} ${value.slice(11, 16)} UTC`
    : plain(value);
const digest: Form = (value) =>
  typeof value === 'string' ? value.replace(/^(sha256:.{12}).+/, '$1') : plain(value);

/** What the fields of evidence are called by people. Fields of manifests keep the names that manifests give them. */
const WORDS: Readonly<Record<string, readonly [name: string, form?: Form]>> = {
  addresses: ['addresses'],
  aboveBaseSince: ['first writes measured', time],
  because: ['reason'],
  bypasses: ['bypasses'],
  bytes: ['written', bytes],
  digest: ['image digest', digest],
  faults: ['faults'],
  from: ['set by'],
  hosts: ['names'],
  hostCount: ['number of names', number],
  hostNetwork: ['hostNetwork'],
  image: ['image'],
  imageUser: ['user of the image'],
  inodes: ['files written', number],
  ipv4Share: ['public IPv4 addresses reached', share],
  ipv6Share: ['public IPv6 addresses reached', share],
  limitBytes: ['limit', bytes],
  limitInodes: ['limit of files', number],
  limitSeconds: ['limit', duration],
  link: ['documentation'],
  measured: ['containers measured', number],
  membership: ['membership of the mesh'],
  mirror: ['static pod'],
  mode: ['mode'],
  mounts: ['mounts'],
  nodes: ['settings of nodes'],
  pod: ['pod measured'],
  policies: ['policies'],
  ports: ['ports'],
  pushedAt: ['image pushed', time],
  rangeCount: ['number of ranges', number],
  ranges: ['ranges'],
  readOnlyRootFilesystem: ['readOnlyRootFilesystem'],
  reasons: ['reasons'],
  registries: ['package registries'],
  risks: ['risks'],
  runAsNonRoot: ['runAsNonRoot'],
  runAsUser: ['runAsUser'],
  running: ['running digest', digest],
  scannedAt: ['last scan', time],
  setting: ['tags of the repository'],
  since: ['container started', time],
  smallestBytes: ['written by the smallest sibling', bytes],
  smallestInodes: ['files written by the smallest sibling', number],
  source: ['source of the scan'],
  startedAt: ['container started', time],
  state: ['state of the scan'],
  tag: ['tag'],
  tagged: ['digest of the tag', digest],
  terminating: ['pods terminating', number],
  type: ['kind of container'],
  usedBy: ['used by'],
  volumes: ['volumes'],
};

/** Whether people have a word for it. */
export const hasWords = (field: string): boolean =>
  UNSAID.has(field) || Object.hasOwn(WORDS, field) || listOfDigest(field) !== null;

/** `rangesDigest` stands for the ranges that evidence has no room for. */
function listOfDigest(field: string): string | null {
  const list = field.replace(/Digest$/, '');
  return list !== field && Object.hasOwn(WORDS, list) ? list : null;
}

/** Fields that say something else now, in the order of their names. */
export function changedFields(was: Evidence, now: Evidence): readonly string[] {
  const changed = [...new Set([...Object.keys(was), ...Object.keys(now)])]
    .filter((field) => !UNSAID.has(field))
    .filter((field) => canonicalJson(was[field] ?? null) !== canonicalJson(now[field] ?? null))
    .sort();
  // What the list shows says more than its digest.
  return changed.filter((field) => !changed.includes(listOfDigest(field) ?? ''));
}

/** `limit 90d -> 30d`, one text a field. A field that has no words keeps its name. */
export const evidenceTexts = (was: Evidence, now: Evidence): readonly string[] =>
  changedFields(was, now).map((field) => changeText(field, was[field] ?? null, now[field] ?? null));

function changeText(field: string, was: Json, now: Json): string {
  const list = listOfDigest(field);
  if (list !== null) return `other ${nameOf(list)} beyond the first`;
  const name = nameOf(field);
  if (isList(was) || isList(now)) return listText(name, isList(was) ? was : [], isList(now) ? now : []);
  const [, form = plain] = wordsOf(field);
  const say = (value: Json): string => (value === null ? 'not set' : form(value));
  const [before, after] = [say(was), say(now)];
  // What differs in a place that is not shown.
  return before === after ? `${name} changed` : `${name} ${before} -> ${after}`;
}

const wordsOf = (field: string): readonly [string, Form?] =>
  (Object.hasOwn(WORDS, field) ? WORDS[field] : undefined) ?? [field];
const nameOf = (field: string): string => wordsOf(field)[0];

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const SHOWN = 3;

function listText(name: string, was: readonly Json[], now: readonly Json[]): string {
  const known = new Set(was.map(canonicalJson));
  const left = new Set(now.map(canonicalJson));
  const more = now.filter((item) => !known.has(canonicalJson(item)));
  const fewer = was.filter((item) => !left.has(canonicalJson(item)));
  if (more.length === 0 && fewer.length === 0) return `${name} in another order`;
  // The same port with another share is neither added nor removed.
  const names = (items: readonly Json[]) => new Set(items.map(itemText));
  const [added, removed] = [names(more), names(fewer)];
  const isOther = (item: Json): boolean => added.has(itemText(item)) && removed.has(itemText(item));
  const say = (sign: string, items: readonly Json[]): readonly string[] =>
    items.length === 0 ? [] : [`${sign}${itemsText(items)}`];
  return [
    name,
    ...say(
      '+',
      more.filter((item) => !isOther(item)),
    ),
    ...say(
      '-',
      fewer.filter((item) => !isOther(item)),
    ),
    ...say('changed: ', more.filter(isOther)),
  ].join(' ');
}

/** By what names an item; a number of them where nothing does. */
function itemsText(items: readonly Json[]): string {
  const texts = items.map(itemText);
  const named = texts.filter((text) => text !== null);
  return named.length < items.length ? count(items.length, 'item') : listed([...new Set(named)], SHOWN);
}

function itemText(item: Json): string | null {
  if (typeof item === 'string') return shortened(item, 80);
  if (typeof item === 'number') return String(item);
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  const { hostPath, host, port, from, to } = item as Evidence;
  if (typeof from === 'string' && typeof to === 'string') return from === to ? from : `${from}-${to}`;
  const name = [hostPath, host, port].find((value) => typeof value === 'string' || typeof value === 'number');
  return name === undefined ? null : String(name);
}
