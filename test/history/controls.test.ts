import { describe, expect, test } from '@jest/globals';
import { csv2json } from 'csv42';
import { controlRows } from '../../lambda/history/evidence/controls.ts';
import { readRecords } from '../../lambda/history/records.ts';
import { memoryStore } from '../store/memory-store.ts';
import { FIRST, record, SECOND } from './a-history.ts';

const HEAD = 'framework,framework_version,control,check,cluster,fail,result,run';
const table = (run: string, more = ''): string =>
  [
    `\ufeff${HEAD}${more === '' ? '' : ',more'}`,
    `PCI DSS,4.0.1,1.3.2,egress-unrestricted,"a ""quoted"", name",3,fail,${run}${more}`,
    `PCI DSS,4.0.1,2.2.5,egress-insecure-port,prod,0,pass,${run}${more}`,
    `NIST SP 800-53,r5,SI-14,pod-too-old,prod,1,fail,${run}${more}`,
    '',
  ].join('\r\n');

const recorded = memoryStore();
await record(recorded, { signer: null });
const store = memoryStore({
  objects: new Map([
    // What the version of today writes beside it is not asked.
    ...[...recorded.objects].filter(([key]) => !key.endsWith('/compliance.csv')),
    [`runs/${FIRST}/compliance.csv`, Buffer.from(table(FIRST))],
    [`runs/${SECOND}/compliance.csv`, Buffer.from(table(SECOND, ',x'))],
  ]),
});
const { records } = await readRecords(store);

const rowsOf = (text: string): readonly Record<string, string>[] =>
  csv2json(text.replace(/^\ufeff/, ''), { parseValue: String });

describe('rows about controls', () => {
  test('one control, or all of a framework, are put together over all runs, as they were written', async () => {
    const { text, rows, without } = await controlRows(store, records, ['pci dss 1.3.2']);
    expect([rows, without]).toEqual([2, records.slice(2).map(({ manifest }) => manifest.run.id)]);
    expect(rowsOf(text).map(({ run, fail, result }) => [run, fail, result])).toEqual([
      [FIRST, '3', 'fail'],
      [SECOND, '3', 'fail'],
    ]);
    expect(text).toContain('"a ""quoted"", name"');
    expect((await controlRows(store, records, ['PCI DSS'])).rows).toBe(4);
  });

  test('columns that later versions have are empty where they were not written', async () => {
    const { text } = await controlRows(store, records, ['NIST SP 800-53 SI-14']);
    expect(
      text
        .split('\r\n')
        .slice(1, 3)
        .map((line) => line.split(',').at(-1)),
    ).toEqual(['', 'x']);
  });

  test('a control that no run knows is refused with the nearest', async () => {
    await expect(controlRows(store, records, ['PCI DSS 1.3.3'])).rejects.toThrow(
      'No run of the period knows the control "PCI DSS 1.3.3". Did you mean "PCI DSS 1.3.2"?',
    );
  });
});
