import type { ClusterIdentity } from '../inventory/names.ts';

/** This program as it is called where it is installed, and in all texts that are not made for one reader. */
export const PROGRAM = 'eks-drift-audit';

/** From a checkout. */
export const CHECKOUT = 'npm run -s cli --';

/** How a reader calls this program. */
export interface Caller {
  /** @defaultValue {@link PROGRAM} */
  readonly program?: string;
  /** Flags that say what is read and by which configuration, a blank before each. @defaultValue none */
  readonly source?: string;
}

/** A quoted word of a shell, or what reaches to the next blank without the punctuation of the sentence. */
const WORD = String.raw`(?:'[^']*'(?:\\''[^']*')*|[^\s'\x60]*?(?=[.,;:)]*(?:\s|$)))`;
const SWITCH = '--(?:explain|all|all-eks|sample|complete|managed)(?![\\w-])';
const ARGUMENT = String.raw`(?:[\w.-]+\/[\w./-]*\w|[\w.-]+\/|'[^'\s]*\/[^'\s]*')`;
const COMMAND = `(?:checks explain ${WORD}|access check|(?:audit|egress|fixes|snapshot|access|checks|config)(?![\\w-]))(?: (?:${SWITCH}|--[a-z-]+ ${WORD}|${ARGUMENT}))*`;

const IN_TEXT = new RegExp(`${PROGRAM} ${COMMAND}`, 'g');

/** Commands of this program in a text, also as they are called from a checkout. */
export const OWN_COMMANDS: RegExp = new RegExp(`(?:${PROGRAM}|${CHECKOUT}) ${COMMAND}`, 'g');

/** Those that read clusters, and so take flags that name them. */
const READS = /^\S+ (?:audit|egress|fixes)(?![\w-])/;
const NAMES_SOURCE = / --(?:snapshot|sample|context|kubeconfig|eks|all-eks)(?![\w-])/;
const CONFIG = / --config \S+/;

/**
 * Commands in a text as its reader can give them: as the program is called there, and about what the reader has
 * asked about.
 */
export function asCalled(text: string, { program = PROGRAM, source = '' }: Caller): string {
  return text.replaceAll(IN_TEXT, (command) => {
    const rest = command.slice(PROGRAM.length);
    const reads = READS.exec(command)?.[0];
    if (reads === undefined || NAMES_SOURCE.test(command)) return `${program}${rest}`;
    const own = command.slice(reads.length);
    // Of two configurations the last would win, which is not the one that was asked with.
    return `${program}${reads.slice(PROGRAM.length)}${source}${CONFIG.test(source) ? own.replace(CONFIG, '') : own}`;
  });
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html (name) */
const EKS_NAME = /^[0-9A-Za-z][\w-]{0,99}$/;

/** Whether EKS may call a cluster so: contexts are named as their users like. */
export const isEksName = (name: string): boolean => EKS_NAME.test(name);

/** Flags that name a cluster of EKS wherever the reader is; none for one that is known by its context alone. */
export function sourceOfCluster({ name, arn, region }: ClusterIdentity): string {
  if (arn === null || region === null || !isEksName(name) || !EKS_NAME.test(region)) return '';
  return ` --eks ${name} --region ${region}`;
}
