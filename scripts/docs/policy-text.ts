/** A value of a template as people read it: logical ids without their hashes, pseudo parameters without `AWS::`. */
export function resourceText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(resourceText).join(', ');
  const [[key, inner] = ['', '']] = Object.entries(value as Readonly<Record<string, unknown>>);
  if (key === 'Ref') return `<${nameOf(inner)}>`;
  if (key === 'Fn::GetAtt') return `<${nameOf((inner as readonly unknown[])[0])}>`;
  if (key === 'Fn::Join')
    return (inner as readonly [string, readonly unknown[]])[1].map(resourceText).join('');
  if (key === 'Fn::Sub') return substituted(inner as readonly [string, Readonly<Record<string, unknown>>]);
  throw new Error(`A policy holds ${key}, for which scripts/docs/policy-text.ts has no text: add it.`);
}

const nameOf = (id: unknown): string =>
  String(id)
    .replace(/^AWS::/, '')
    .replace(/[0-9A-F]{8}$/, '');

const substituted = ([text, values]: readonly [string, Readonly<Record<string, unknown>>]): string =>
  text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) =>
    values[name] === undefined ? `<${nameOf(name)}>` : resourceText(values[name]),
  );

/** The conditions of a statement; empty without any. */
export const conditionText = (
  condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): string =>
  Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => `${operator} \`${key}\`: \`${resourceText(value)}\``),
    )
    .join('; ');
