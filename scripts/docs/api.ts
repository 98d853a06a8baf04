import { readFileSync } from 'node:fs';

const LIB = new URL('../../lib/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, LIB), 'utf8');

/** The reference of docs/package.md: what `lib/index.ts` exports, in the words of its comments. */
export const apiReference = (): string => exportsOf(read('index.ts')).map(entryOf).join('\n\n');

interface Exported {
  readonly name: string;
  readonly path: string;
}

function exportsOf(index: string): readonly Exported[] {
  return [...index.matchAll(/^export (?:type )?\{([^}]+)\} from '\.\/([^']+)';$/gm)]
    .flatMap(([, names = '', path = '']) =>
      names.split(',').map((name) => ({ name: name.trim().replace(/^type /, ''), path })),
    )
    .filter(({ name }) => name !== '')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const COMMENT = String.raw`(?<comment>/\*\*(?:(?!\*/)[\s\S])*\*/\n)?`;

/** Where a declaration ends, as the code is formatted. */
const END = { interface: '(?:\\{\\}|^\\})$', class: '^\\}', type: ';$', function: ' \\{$' } as const;
type Kind = keyof typeof END;

function declarationOf({ name, path }: Exported) {
  const source = read(path);
  for (const kind of Object.keys(END) as Kind[]) {
    const pattern = new RegExp(`^${COMMENT}export ${kind} ${name}\\b(?<rest>[\\s\\S]*?)${END[kind]}`, 'm');
    const found = pattern.exec(source)?.groups;
    if (found !== undefined) return { kind, comment: found['comment'], rest: found['rest'] ?? '' };
  }
  throw new Error(`lib/${path} does not declare ${name} as lib/index.ts exports it.`);
}

function entryOf(exported: Exported): string {
  const { name } = exported;
  const { kind, comment, rest } = declarationOf(exported);
  const about = [`### \`${name}\``, ...paragraph(comment)];
  if (kind === 'function') return [...about, code(`${name}${oneLine(rest)}`)].join('\n\n');
  if (kind === 'type') return [...about, code(`type ${name} ${rest.trim()}`)].join('\n\n');
  const parent = /^[^{]*\bextends ([^{]+)/.exec(rest)?.[1]?.trim();
  const members = membersOf(rest.slice(rest.indexOf('{') + 1));
  return [
    ...about,
    ...(parent === undefined ? [] : [`Extends ${oneLine(parent).replaceAll(/\w+/g, '`$&`')}.`]),
    ...(members.length === 0 ? [] : [members.join('\n')]),
  ].join('\n\n');
}

const MEMBER = new RegExp(
  `^ {2}${COMMENT.replace('\\n)?', '\\n {2})?')}(?:readonly (?<name>\\w+)(?<optional>\\??): (?<type>[^;]+);|(?!constructor)(?<method>[a-z]\\w*)(?<call>\\([\\s\\S]*?\\): [^;{]+) \\{$)`,
  'gm',
);

/** Those that others may use, a line each. Code is formatted, so that a member begins after two spaces. */
function membersOf(body: string): readonly string[] {
  return [...body.matchAll(MEMBER)].flatMap(({ groups = {} }) => {
    const { comment, name, optional = '', type = '', method, call = '' } = groups;
    if (comment?.includes('@internal')) return [];
    const shown = name === undefined ? `${method}${call}` : `${name}${optional}: ${type}`;
    return [[`- \`${oneLine(shown)}\``, ...paragraph(comment)].join(' – ')];
  });
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( | \)/g, (edge) => edge.trim())
    .replaceAll(/,(?= ?[)}])/g, '')
    .trim();
const code = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``;

/** A comment as one paragraph of Markdown. */
function paragraph(comment: string | undefined): readonly string[] {
  if (comment === undefined) return [];
  const inside = comment.replace(/^\s*\/\*\*/, '').replace(/\*\/\s*$/, '');
  const text = oneLine(inside.replaceAll(/^\s*\* ?/gm, ''))
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/[.]? ?@default(?:Value)? /g, '. Default: ')
    .replaceAll(/[.]? ?@throws (\w+) /g, '. Throws `$1` ')
    .replaceAll(/[.]? ?@param (\w+) /g, '. `$1`: ')
    .replace(/^\. /, '')
    .replace(/[^.:]$/, '$&.');
  return text === '' ? [] : [text];
}
