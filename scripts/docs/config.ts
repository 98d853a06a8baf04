import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { configSchema, type JsonSchema } from '../../lambda/config/schema-document.ts';

/** docs/config.md: every key of audit.config.yaml, from its schema. */
export function configPage(): string {
  const { properties = {} } = configSchema(CHECK_IDS);
  const sections = Object.entries(properties).flatMap(([key, schema]) => [
    `## ${key}`,
    [sentence(schema), ...scalarOf(schema)].join(' '),
    ...tableOf(key, schema),
  ]);
  return `${['# The configuration', INTRODUCTION, ...sections].join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Generated from lambda/config/schema*.ts by npm run docs. -->

Every key of \`audit.config.yaml\` is optional; [the example](../audit.config.yaml) sets only defaults.
\`eks-drift-audit config validate FILE\` checks a file and says for each mistake the line and what is allowed.
\`[]\` in a key means each entry of a list. The limits of the presets are in \`lambda/config/presets.ts\`, their
reasons in [decision 0004](decisions/0004-config-and-findings.md).`;

/** Of a key that is no section. */
const scalarOf = (schema: JsonSchema): readonly string[] =>
  'default' in schema ? [`Value: ${typeOf(schema)}; default: ${defaultOf(schema)}.`] : [];

interface Row {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

function tableOf(key: string, schema: JsonSchema): readonly string[] {
  const rows = rowsBelow(key, schema);
  if (rows.length === 0) return [];
  const lines = rows.map(
    ({ path, schema: of, required }) =>
      `| \`${path}\` | ${cell(typeOf(of))} | ${cell(required ? 'required' : defaultOf(of))} | ${cell(sentence(of))} |`,
  );
  return [['| key | value | default | |', '|---|---|---|---|', ...lines].join('\n')];
}

function rowsBelow(path: string, schema: JsonSchema): readonly Row[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, of]) => [
      { path: `${path}.${name}`, schema: of, required: required.includes(name) },
      ...rowsBelow(`${path}.${name}`, of),
    ]),
    ...(schema.items === undefined ? [] : rowsBelow(`${path}[]`, schema.items)),
    ...(schema.anyOf ?? []).flatMap((part) => rowsBelow(path, part)),
  ];
}

const sentence = (schema: JsonSchema): string => String(schema['description'] ?? '');
const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const defaultOf = (schema: JsonSchema): string => ('default' in schema ? code(schema['default']) : '');

function typeOf(schema: JsonSchema): string {
  const { enum: values, const: only, examples } = schema;
  if (only !== undefined) return code(only);
  if (Array.isArray(values)) return values.map(code).join(', ');
  const parts = (schema.anyOf ?? []).filter(({ type }) => type !== 'null');
  if (parts.length > 0) return [...new Set(parts.map(typeOf))].join(' or ');
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'values' : typeOf(schema.items)}`;
  if (schema.type === 'object') return 'mapping';
  const such = Array.isArray(examples) ? ` such as ${examples.map(code).join(', ')}` : '';
  return `${schema.type ?? 'value'}${such}`;
}
