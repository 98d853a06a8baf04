import { type AgentContainer, isWantedVariable } from '../policy-agent.ts';
import { type Reader, readMessage, readText } from './wire.ts';

/**
 * What the container of a policy engine says: its arguments and, of its environment, the named
 * variables. Source: core/v1/generated.proto, Container: args (4), env (7).
 */
export function readAgentContainer(
  reader: Reader,
  tag: number,
  { name, image }: Pick<AgentContainer, 'name' | 'image'>,
): AgentContainer {
  const args: string[] = [];
  const env = new Map<string, string>();
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 4) args.push(readText(reader, inner));
    else if (inner >>> 3 === 7) readVariable(reader, inner, env);
    else return false;
    return true;
  });
  return { name, image, args, env };
}

/** EnvVar: name (1), value (2), valueFrom (3). The value is always sent, empty where `valueFrom` stands for it. */
function readVariable(reader: Reader, tag: number, env: Map<string, string>): void {
  const start = reader.at;
  let name = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    name = readText(reader, inner);
    return true;
  });
  if (!isWantedVariable(name)) return;
  reader.at = start;
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 2) return false;
    const value = readText(reader, inner);
    if (value !== '') env.set(name, value);
    return true;
  });
}
