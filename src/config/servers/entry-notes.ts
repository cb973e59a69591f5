/** Where what is said about an entry goes: the path inside the entry, and a sentence without any value. */
export interface EntryNotes {
  problem(path: readonly (string | number)[], message: string): void;
  warning(path: readonly (string | number)[], message: string): void;
}
