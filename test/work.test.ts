import { describe, expect, it } from '@jest/globals';
import { spend, withinTime, withinWork } from '../lambda/work.ts';

const forever = (): never => {
  for (;;) spend(1);
};

describe('work', () => {
  it('ends where it takes more steps than it may', () => {
    expect(withinWork(100, forever, () => 'too much')).toBe('too much');
    expect(
      withinWork(
        100,
        () => spend(100),
        () => 'too much',
      ),
    ).toBeUndefined();
  });

  it('ends when the time is up, however many steps are left', () => {
    let looks = 0;
    const stops = () => ++looks > 3;
    expect(withinTime(stops, forever, () => 'too late')).toBe('too late');
    expect(looks).toBe(4);
    expect(
      withinTime(
        () => true,
        () => withinWork(1e9, forever, () => 'too much'),
        () => 'too late',
      ),
    ).toBe('too late');
  });

  it('looks at the clock seldom, and at none that is over', () => {
    let looks = 0;
    const stops = () => ++looks > 1e9;
    withinTime(
      stops,
      () => {
        for (let i = 0; i < 100_000; i += 1) spend(1);
      },
      () => {},
    );
    expect(looks).toBeLessThan(20);
    spend(1e9);
    expect(looks).toBeLessThan(20);
  });

  it('of an inner clock ends only what is within it', () => {
    const within = withinTime(
      () => false,
      () => [
        withinTime(
          () => true,
          forever,
          () => 'inner',
        ),
        'outer',
      ],
      () => [],
    );
    expect(within).toEqual(['inner', 'outer']);
  });

  it('instead of too much has a separate budget of steps', () => {
    const instead = () => {
      spend(50);
      return 'less';
    };
    expect(withinWork(100, forever, instead)).toBe('less');
    expect(withinTime(() => true, forever, instead)).toBe('less');
  });

  it('leaves the outer bound what the inner one took', () => {
    const inner = () => withinWork(60, forever, () => 'inner');
    expect(
      withinWork(
        100,
        () => [inner(), inner()],
        () => ['outer'],
      ),
    ).toEqual(['outer']);
  });
});
