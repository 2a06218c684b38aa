import type { RuntimeObserver } from '#runtime';

export interface Observation {
  readonly kind: keyof RuntimeObserver;
  readonly partition: number | undefined;
  readonly text: string;
}

/** Turns everything that the runtime tells into lines; `onObservation` hears each. */
export function recordingObserver(onObservation: (observation: Observation) => void): RuntimeObserver {
  const tell = (kind: keyof RuntimeObserver, partition: number | undefined, text: string): void => onObservation({ kind, partition, text });
  return {
    appended: (partition, events, bytes) => tell('appended', partition, `${events} events, ${bytes} bytes`),
    commandDecided: (type, accepted) => tell('commandDecided', undefined, `${type} ${accepted ? 'accepted' : 'refused'}`),
    executionEnded: (status) => tell('executionEnded', undefined, status),
    inDoubt: (partition, reason) => tell('inDoubt', partition, reason),
    fenced: (partition, reason) => tell('fenced', partition, reason),
    recovered: (partition, report) => tell('recovered', partition, JSON.stringify(report)),
    snapshotsSaved: (partition, count) => tell('snapshotsSaved', partition, String(count)),
    snapshotsFailed: (partition, message) => tell('snapshotsFailed', partition, message),
    quarantined: (partition, key, reason) => tell('quarantined', partition, `${key}: ${reason}`),
    halted: (partition, reason) => tell('halted', partition, reason),
    note: (partition, level, message, fields) =>
      tell('note', partition, `${level}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`),
  };
}
