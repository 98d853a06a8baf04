import { DAY } from '../../lambda/inventory/durations.ts';

/** In days: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const OFFERED = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The shortest retention in days that CloudWatch Logs offers and that keeps logs for so many milliseconds. */
export function logRetention(milliseconds: number): number {
  const days = milliseconds / DAY;
  return OFFERED.find((offered) => offered >= days) ?? Math.max(...OFFERED);
}
