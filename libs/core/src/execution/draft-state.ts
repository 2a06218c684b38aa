/** A fresh copy that its maker may still write to; never one that anybody else has seen. */
export type Draft<State> = State extends unknown ? { -readonly [Key in keyof State]: State[Key] } : never;
