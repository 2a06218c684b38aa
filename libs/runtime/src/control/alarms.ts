/** What the rooms tell the runtime. */
export interface Alarms {
  doubt(reason: string): void;
  /** L10: another epoch has claimed the store. */
  fenced(): void;
  failed(error: unknown): void;
}
