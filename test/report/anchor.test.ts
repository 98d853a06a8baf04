import { describe, expect, test } from '@jest/globals';
import { withAnchor } from '../../lambda/report/anchor.ts';
import { digest } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import { aRun } from './builders.ts';

const mail = digest({
  run: aRun(),
  exemptions: NO_EXEMPTION_NOTES,
  firstRun: false,
  reportLocation: 's3://reports/runs/r1',
  options: { minSeverity: 'medium', top: 10 },
});
const SHA = '0123456789abcdef'.repeat(4);

describe('the anchor of a mail', () => {
  test('the mail ends with the hash of the manifest on a line of its own, and with what it is for', () => {
    const { body, ...rest } = withAnchor(mail, { run: 'r1', sequence: 12, sha256: SHA });
    expect(body).toBe(`${mail.body}Proof of record 12, for eks-drift-audit verify --expect:\n${SHA}\n`);
    expect(rest).toEqual({ subject: mail.subject, attributes: mail.attributes });
    expect(Math.max(...body.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
  });

  test('the mail of a record that has no number, or of none at all, names none', () => {
    expect(withAnchor(mail, { run: 'r1', sequence: null, sha256: SHA }).body).toContain(
      'Proof of this record, for',
    );
    expect(withAnchor(mail, null)).toBe(mail);
  });

  test('the largest mail has room for it beside all that is missing of a record', () => {
    const large = digest({
      run: aRun(),
      exemptions: NO_EXEMPTION_NOTES,
      firstRun: false,
      reportLocation: 's3://reports/runs/r1',
      options: { minSeverity: 'low', top: 10 },
      maxBytes: 5_000,
    });
    const { body } = withAnchor(large, { run: 'r1', sequence: 1_000_000, sha256: SHA });
    expect(Buffer.byteLength(body) - Buffer.byteLength(large.body)).toBeLessThan(2048);
  });
});
