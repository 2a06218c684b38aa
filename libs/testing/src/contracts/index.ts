export { type CommandLogSubject, commandLogContract } from './command-log-contract.js';
export { type MembershipSubject, membershipContract } from './membership-contract.js';
export { type PartitionLogSubject, partitionLogContract } from './partition-log-contract.js';
export { type SnapshotStoreSubject, snapshotStoreContract } from './snapshot-store-contract.js';
export { type WorkRunnerSubject, workRunnerContract } from './work-runner-contract.js';
