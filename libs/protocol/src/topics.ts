/** Names of Millrace's topics under one prefix (contract §5). */
export interface Topics {
  readonly commands: string;
  readonly rejected: string;
  readonly replies: string;
  readonly events: string;
  readonly payloads: string;
  readonly progress: string;
}

/** `topicsOf('workflow').events === 'workflow.events'`. */
export function topicsOf(prefix: string): Topics {
  return {
    commands: `${prefix}.commands`,
    rejected: `${prefix}.commands.rejected`,
    replies: `${prefix}.replies`,
    events: `${prefix}.events`,
    payloads: `${prefix}.payloads`,
    progress: `${prefix}.progress`,
  };
}
