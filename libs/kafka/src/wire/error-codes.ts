/** Kafka's error codes that matter here, by name (protocol guide, "Error codes"). */
export const kafkaErrors = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  messageTooLarge: 10,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  topicAuthorizationFailed: 29,
  clusterAuthorizationFailed: 31,
  unsupportedVersion: 35,
  invalidRequest: 42,
  policyViolation: 44,
  unsupportedCompression: 76,
  invalidRecord: 87,
} as const;

const names = new Map<number, string>(Object.entries(kafkaErrors).map(([name, code]) => [code, name]));

/** Produce answers that plainly mean "refused before anything was appended". All others leave it open (L5): a leader that was
 *  deposed while it waited for replicas says notLeader although the records lie in its log and may survive. */
const refusedBeforeAppend: ReadonlySet<number> = new Set([
  kafkaErrors.corruptMessage,
  kafkaErrors.messageTooLarge,
  kafkaErrors.invalidTopic,
  kafkaErrors.recordListTooLarge,
  kafkaErrors.notEnoughReplicas,
  kafkaErrors.topicAuthorizationFailed,
  kafkaErrors.clusterAuthorizationFailed,
  kafkaErrors.unsupportedVersion,
  kafkaErrors.invalidRequest,
  kafkaErrors.policyViolation,
  kafkaErrors.unsupportedCompression,
  kafkaErrors.invalidRecord,
]);

export function isRefusedBeforeAppend(code: number): boolean {
  return refusedBeforeAppend.has(code);
}

export function isTooLarge(code: number): boolean {
  return code === kafkaErrors.messageTooLarge || code === kafkaErrors.recordListTooLarge;
}

/** `KAFKA_<code>_<name>`, for outcomes and messages. */
export function kafkaErrorName(code: number): string {
  return `KAFKA_${code}_${names.get(code) ?? 'error'}`;
}
