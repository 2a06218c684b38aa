import { decodeMember, encodeAssignment, watchable } from '../consumer-protocol.js';
import { neighboursOf } from '../neighbours.js';
import { respectDeclined } from './declined.js';
import { type HandOverPlan, planHandOver } from './hand-over.js';
import { reportedLoads } from './load-report.js';
import { assignSticky } from './sticky-assigner.js';

/** A member as the group shows it to the leader: what it says of itself is in the metadata. */
interface JoinedMember {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

export interface AssignmentOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Members up to which everybody watches everybody. */
  readonly meshLimit: number;
}

/** The leader's whole decision, as the bytes for each member: its partitions, whom to watch, what to hand over. */
export function encodeAssignments(members: readonly JoinedMember[], { topic, partitions, meshLimit }: AssignmentOptions) {
  const { assigned, release } = assignMembers(members, partitions);
  const peers = members.flatMap(watchable);
  const settling = release.size > 0 ? { settling: true } : {};
  return [...assigned].map(([memberId, mine]) => {
    const toRelease = release.get(memberId);
    const releasing = toRelease === undefined ? {} : { release: [...toRelease] };
    const directory = { members: members.length, peers: neighboursOf(memberId, peers, meshLimit), ...settling, ...releasing };
    return { memberId, memberAssignment: encodeAssignment(topic, mine, directory) };
  });
}

/** Balanced, respecting what is declined, and moved in good order. */
function assignMembers(members: readonly JoinedMember[], partitions: number): HandOverPlan {
  const said = members.map(({ memberId, memberMetadata }) => ({ memberId, data: decodeMember(memberMetadata) }));
  const claims = said.map(({ memberId, data }) => {
    const owned = data?.owned ?? [];
    const loads = reportedLoads(owned, data?.load);
    return { memberId, owned, generation: data?.generation ?? -1, loads, handsOver: data?.handsOver === true };
  });
  const declined = new Map(said.map(({ memberId, data }) => [memberId, data?.declined ?? []]));
  return planHandOver(respectDeclined(assignSticky(claims, partitions), declined), claims, declined);
}
