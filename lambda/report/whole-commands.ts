import { OWN_COMMANDS } from './own-commands.ts';

/** Of the private use areas of Unicode, which no name of Kubernetes may hold. */
const HEAD = '\ue000';
const REST = '\ue001';
const TOKEN = new RegExp(`${HEAD}${REST}*`, 'g');

export interface WholeCommands {
  /** With a word in place of each command, which is no wider than the room. */
  readonly text: string;
  /** Gives a line its commands back, also where they are wider than it; one that was cut is left out. Line after line. */
  readonly restore: (line: string) => string;
}

/** Commands are copied: where text is wrapped they stay in one line. @param room columns of a line */
export function wholeCommands(text: string, room: number): WholeCommands {
  const commands: { readonly command: string; readonly token: string }[] = [];
  const tokens = text.replaceAll(OWN_COMMANDS, (command) => {
    const token = HEAD.padEnd(Math.max(1, Math.min(command.length, room)), REST);
    commands.push({ command, token });
    return token;
  });
  let next = 0;
  return {
    text: tokens,
    restore: (line) =>
      line.replaceAll(TOKEN, (found) => {
        const one = commands[next++];
        return one?.token === found ? one.command : '';
      }),
  };
}
