import type { AgentContainer } from '../../engines/agent-container.ts';
import { isWantedVariable, setVariable } from '../../engines/policy-agent.ts';
import { list, requiredObject } from '../../fields.ts';
import { type Reader, readMessage, readText, skip } from '../protobuf/wire.ts';
import { texts } from './kinds.ts';
import { type Field, message } from './message.ts';

type Variables = ReadonlyMap<string, string | null>;

const NO_VARIABLES: Variables = new Map();

/** Of the environment the named variables alone. */
const variables = (number: number): Field<Variables> => ({
  number,
  absent: NO_VARIABLES,
  fromJson(value, path) {
    const env = new Map<string, string | null>();
    for (const [index, variable] of list(value, path).entries()) {
      const { name, value: said, valueFrom } = requiredObject(variable, `${path}[${index}]`);
      if (typeof name !== 'string' || !isWantedVariable(name)) continue;
      setVariable(env, name, valueFrom ? null : typeof said === 'string' ? said : '');
    }
    return env;
  },
  fromProtobuf(reader, tag, _, before = NO_VARIABLES) {
    const variable = readVariable(reader, tag);
    if (variable === null) return before;
    const env = new Map(before);
    setVariable(env, variable.name, variable.value);
    return env;
  },
});

/** EnvVar: name (1), value (2), valueFrom (3). The value is always sent, empty where `valueFrom` is there instead. */
function readVariable(reader: Reader, tag: number): { name: string; value: string | null } | null {
  const start = reader.at;
  let name = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    name = readText(reader, inner);
    return true;
  });
  if (!isWantedVariable(name)) return null;
  reader.at = start;
  let value: string | null = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 3) value = null;
    if (inner >>> 3 !== 2) return false;
    const said = readText(reader, inner);
    value = value === null ? null : said;
    return true;
  });
  return { name, value };
}

/** Whether a list has any element. */
const any = (number: number): Field<boolean> => ({
  number,
  absent: false,
  fromJson: (value, path) => list(value, path).length > 0,
  fromProtobuf(reader, tag) {
    skip(reader, tag);
    return true;
  },
});

/** What is read of the containers of policy engines, and of no others: commands and environments may hold secrets. */
export const AGENT = message({ command: texts(3), args: texts(4), env: variables(7), envFrom: any(19) });

export type ReadAgent = Omit<AgentContainer, 'name' | 'image'>;
