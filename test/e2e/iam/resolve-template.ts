/** A template in JSON. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

export interface Place {
  readonly account: string;
  readonly region: string;
  /** Of the stack. */
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
  /** ARNs of what exists, by logical ids without their hashes. */
  readonly arns?: Readonly<Record<string, string>>;
}

/** A logical id without the hash that the CDK adds. */
export const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

/** What CloudFormation makes of a value of a template, with invented ARNs for what does not exist. */
export function resolver(template: Template, place: Place) {
  const { account, region, parameters = {}, arns = {} } = place;
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/S/0a1b2c3d`,
  };
  const arnOf = (id: string): string => {
    const { Type = '', Properties = {} } = template.Resources[id] ?? {};
    const [, type = ''] = Type.toLowerCase().split('::');
    const service = type === 'stepfunctions' ? 'states' : type;
    const known = arns[nameOf(id)];
    if (known !== undefined) return known;
    if (Type === 'AWS::IAM::Role') {
      return `arn:aws:iam::${account}:role/${Properties['RoleName'] ? resolve(Properties['RoleName']) : nameOf(id)}`;
    }
    const kind = Type === 'AWS::Lambda::Function' ? 'function:' : '';
    return `arn:aws:${service}:${region}:${account}:${kind}${nameOf(id)}`;
  };
  const ref = (id: string): unknown => {
    if (pseudo[id] !== undefined) return pseudo[id];
    if (parameters[id] !== undefined) return parameters[id];
    const { Type } = template.Resources[id] ?? {};
    if (Type === undefined) throw new Error(`The template has neither a resource nor a value for ${id}.`);
    // Of these Ref is the ARN: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/resources-section.html
    if (['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine'].includes(Type)) return arnOf(id);
    return arnOf(id).split(/[:/]/).at(-1);
  };
  const functions: Readonly<Record<string, (inner: never) => unknown>> = {
    Ref: ref,
    'Fn::GetAtt': ([id]: readonly string[]) => arnOf(id ?? ''),
    'Fn::Join': ([delimiter, parts]: readonly [string, readonly unknown[]]) =>
      parts.map(resolve).join(delimiter),
    'Fn::Split': ([delimiter, text]: readonly [string, unknown]) => String(resolve(text)).split(delimiter),
    'Fn::Select': ([index, list]: readonly [number, unknown]) =>
      (resolve(list) as readonly unknown[])[Number(index)],
    'Fn::Sub': ([text, values]: readonly [string, Readonly<Record<string, unknown>>]) =>
      text.replaceAll(/\$\{([^}]+)\}/g, (_, id: string) => String(resolve(values[id] ?? { Ref: id }))),
  };
  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [[key, inner] = ['', null]] = entries;
    const known = entries.length === 1 ? functions[key] : undefined;
    if (known !== undefined) return known(inner as never);
    if (key.startsWith('Fn::'))
      throw new Error(`test/e2e/iam/resolve-template.ts does not know ${key}: add it.`);
    return Object.fromEntries(entries.map(([name, one]) => [name, resolve(one)]));
  }
  return { resolve, arnOf };
}
