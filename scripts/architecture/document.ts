import { graphOf, reduced } from './graph.ts';
import type { Source } from './imports.ts';
import { DATA, EGRESS, type Layer, ROOMS, type Room, STAGES, type Stage } from './rooms.ts';
import { crossings } from './rules.ts';

/** Parts of docs/architecture.md that `npm run docs:architecture` writes. */
const PARTS = /(<!-- written by npm run docs:architecture: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * @param document docs/architecture.md
 * @returns the same with its table of rooms and its picture as the imports are
 */
export const withArchitecture = (document: string, sources: readonly Source[]): string =>
  document.replaceAll(
    PARTS,
    (_, begin: string, part: string, end: string) =>
      `${begin}\n${(part === 'rooms' ? table() : picture(sources)).join('\n')}\n\n${end}`,
  );

const STAGE_NAMES = Object.keys(STAGES) as readonly Stage[];

const roomsOf = (stage: Stage): readonly Room[] => ROOMS.filter((room) => room.stage === stage);

const table = (): readonly string[] => [
  '| room | what happens there | in → out |',
  '|---|---|---|',
  ...STAGE_NAMES.flatMap(roomsOf).map(
    ({ folder, what, way, pure }) => `| \`${folder}\` | ${what}${pure === true ? ' (pure)' : ''} | ${way} |`,
  ),
];

/** Rooms by their stages, the way of the data in bold, and the imports that do not follow from others. */
const picture = (sources: readonly Source[]): readonly string[] => [
  '```mermaid',
  'flowchart TB',
  ...STAGE_NAMES.flatMap((stage) => [
    `  subgraph stage-${stage} ["${STAGES[stage]}"]`,
    ...roomsOf(stage).flatMap(({ name }) =>
      name === 'egress'
        ? [
            '    subgraph egress',
            ...FOLDERS_OF_EGRESS.map((folder) => `      ${inEgress(folder)}[${folder}]`),
            '    end',
          ]
        : [`    ${name}`],
    ),
    '  end',
  ]),
  `  ${DATA.map((stage) => `stage-${stage}`).join(' ==> ')}`,
  ...arrows(sources, ROOMS, ({ name }) => name),
  ...arrows(sources, EGRESS, (layer) => inEgress(folderOfEgress(layer))),
  '```',
];

/** The kinds of policies count as one. */
const folderOfEgress = ({ name }: Layer): string => name.split('/')[0] ?? name;
const FOLDERS_OF_EGRESS = [...new Set(EGRESS.map(folderOfEgress))];
const inEgress = (folder: string): string => `egress-${folder}`;

function arrows(
  sources: readonly Source[],
  layers: readonly Layer[],
  nameOf: (layer: Layer) => string,
): readonly string[] {
  const graph = graphOf(crossings(sources, layers).map(({ from, to }) => [nameOf(from), nameOf(to)]));
  const order = layers.map(nameOf);
  return [...reduced(graph)]
    .flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })))
    .toSorted(
      (a, b) => order.indexOf(a.from) - order.indexOf(b.from) || order.indexOf(a.to) - order.indexOf(b.to),
    )
    .map(({ from, to }) => `  ${from} --> ${to}`);
}
