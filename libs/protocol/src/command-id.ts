/**
 * A command id that carries its time of birth: `m1-<base36 ms>-<random>`. Whoever mints one uses it for one command and
 * its repeats only. An owner that has served since before the birth knows, without asking the database, that it is new.
 * `random` must be unique within the millisecond.
 */
export function mintCommandId(now: number, random: string): string {
  return `m1-${now.toString(36)}-${random}`;
}

const minted = /^m1-([0-9a-z]{1,9})-./;

/** When a minted id was born, epoch milliseconds; undefined for ids of any other form. */
export function mintedAt(commandId: string): number | undefined {
  const match = minted.exec(commandId);
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 36);
}
