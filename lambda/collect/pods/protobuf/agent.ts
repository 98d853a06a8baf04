import type { AgentContainer } from '../../engines/agent-container.ts';
import { isWantedVariable, setVariable } from '../../engines/policy-agent.ts';
import { type Reader, readMessage, readText } from './wire.ts';

/**
 * What the container of a policy engine says: its command and arguments and, of its environment, the named
 * variables. Source: core/v1/generated.proto, Container: command (3), args (4), env (7), envFrom (19).
 */
export function readAgentContainer(
  reader: Reader,
  tag: number,
  { name, image }: Pick<AgentContainer, 'name' | 'image'>,
): AgentContainer {
  const command: string[] = [];
  const args: string[] = [];
  const env = new Map<string, string | null>();
  let envFrom = false;
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 19) envFrom = true;
    if (inner >>> 3 === 3) command.push(readText(reader, inner));
    else if (inner >>> 3 === 4) args.push(readText(reader, inner));
    else if (inner >>> 3 === 7) readVariable(reader, inner, env);
    else return false;
    return true;
  });
  return { name, image, command, args, env, envFrom };
}

/** EnvVar: name (1), value (2), valueFrom (3). The value is always sent, empty where `valueFrom` stands for it. */
function readVariable(reader: Reader, tag: number, env: Map<string, string | null>): void {
  const start = reader.at;
  let name = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    name = readText(reader, inner);
    return true;
  });
  if (!isWantedVariable(name)) return;
  reader.at = start;
  let value: string | null = '';
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 3) value = null;
    if (inner >>> 3 !== 2) return false;
    const text = readText(reader, inner);
    value = value === null ? null : text;
    return true;
  });
  setVariable(env, name, value);
}
