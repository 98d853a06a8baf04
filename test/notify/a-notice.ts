import type { RunResult } from '../../lambda/findings/run-result.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { digest } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';

/** What is told of a run whose mail names medium findings and worse. */
export function aNotice(run: RunResult): Notice {
  const location = `s3://reports/runs/${run.run.id}`;
  const facts = { run, exemptions: NO_EXEMPTION_NOTES, firstRun: false, reportLocation: location };
  const mail = digest({ ...facts, options: { minSeverity: 'medium', top: 10 } });
  const anchor = { run: run.run.id, sequence: 12, sha256: '0123456789abcdef'.repeat(4) };
  const now = Date.parse('2026-03-02T06:00:07Z');
  return { run, digest: mail, facts, firstRun: false, now, location, anchor };
}
