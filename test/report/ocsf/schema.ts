import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An attribute as the dictionary, an event or an object describes it; the last one that says something wins. */
export interface Attribute {
  readonly type?: string;
  readonly is_array?: boolean;
  readonly requirement?: 'required' | 'recommended' | 'optional';
  readonly sibling?: string;
  /** Only with this profile; `null`: without it, although a profile has it too. */
  readonly profile?: string | null;
  readonly enum?: Readonly<Record<string, { readonly caption: string }>>;
  readonly '@deprecated'?: object;
}

type Attributes = Readonly<Record<string, Attribute>>;

interface SourceFile {
  readonly name: string;
  readonly caption: string;
  readonly extends?: string;
  readonly uid?: number;
  readonly attributes: Attributes & { readonly $include?: readonly string[] };
  readonly constraints?: Constraints;
}

export interface Constraints {
  readonly at_least_one?: readonly string[];
  readonly just_one?: readonly string[];
}

interface Excerpt {
  readonly version: string;
  readonly categories: Readonly<Record<string, { readonly uid: number; readonly caption: string }>>;
  readonly dictionary: Attributes;
  readonly types: Readonly<Record<string, TypeRule>>;
  readonly events: Readonly<Record<string, SourceFile>>;
  readonly profiles: Readonly<Record<string, SourceFile>>;
  readonly objects: Readonly<Record<string, SourceFile>>;
}

export interface TypeRule {
  /** What it is a kind of. */
  readonly type?: string;
  readonly regex?: string;
  readonly max_len?: number;
  readonly range?: readonly [number, number];
}

/** Made by `scripts/write-ocsf-excerpt.ts`. */
export const EXCERPT: Excerpt = JSON.parse(
  readFileSync(join(import.meta.dirname, 'schema-1.6.0.json'), 'utf8'),
);

/** A class or an object with all that it takes over. */
export interface Compiled {
  readonly caption: string;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly constraints: Constraints;
}

/** @throws Error for an object that is not in the excerpt: what cannot be checked must not pass */
export function compiled(kind: 'events' | 'objects', name: string): Compiled {
  const file = EXCERPT[kind][name];
  if (file === undefined) throw new Error(`The excerpt has no ${name}: add it to the script that makes it.`);
  const parent = file.extends === undefined ? null : compiled(kind, file.extends);
  const attributes = new Map(parent?.attributes);
  const { $include = [], ...own } = file.attributes;
  for (const path of $include) {
    const profile = EXCERPT.profiles[path.replace(/^profiles\/|\.json$/g, '')];
    if (profile === undefined) throw new Error(`The excerpt has no ${path}.`);
    for (const [key, value] of Object.entries(profile.attributes)) {
      attributes.set(key, merged(key, attributes.get(key), { ...value, profile: profile.name }));
    }
  }
  for (const [key, value] of Object.entries(own)) {
    attributes.set(key, merged(key, attributes.get(key), value));
  }
  return {
    caption: file.caption,
    attributes,
    constraints: file.constraints ?? parent?.constraints ?? {},
  };
}

/** What an enumeration says in several places is added up. */
function merged(key: string, inherited: Attribute | undefined, own: Attribute): Attribute {
  const base = inherited ?? EXCERPT.dictionary[key];
  if (base === undefined) throw new Error(`The dictionary of the excerpt has no ${key}.`);
  return { ...base, ...own, ...(base.enum || own.enum ? { enum: { ...base.enum, ...own.enum } } : {}) };
}
