import type { Settings } from '#config';
import type { FailureDetectorOptions } from '#liveness';

/** By what this engine is known to the others on the liveness port, and they to it. */
export function livenessCredentials(settings: Settings): FailureDetectorOptions['credentials'] {
  const secret = settings.MILLRACE_CLUSTER_SECRET;
  return {
    cluster: settings.MILLRACE_GROUP_ID,
    instance: settings.MILLRACE_INSTANCE_ID,
    ...(secret === undefined ? {} : { secret }),
  };
}
