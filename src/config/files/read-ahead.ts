import { FileProblem, type ReadFile, readFileMeanwhile } from './read-file.js';

/**
 * Has `read` done, which asks for files, without a wait on a disk: it is run with what is there, and again when those that it missed
 * have been read. Gives what it gives, and throws what it throws, in the end.
 */
export async function readAhead<T>(read: (readFile: ReadFile) => T): Promise<T> {
  const known = new Map<string, string | FileProblem>();
  for (;;) {
    const missing = new Map<string, number | undefined>();
    const readFile: ReadFile = (file, maxBytes) => {
      const found = known.get(file);
      if (found instanceof FileProblem) throw found;
      if (found === undefined) missing.set(file, maxBytes);
      return found ?? '';
    };
    const end = endOf(() => read(readFile));
    if (missing.size === 0) return end();
    for (const [file, maxBytes] of missing)
      known.set(file, await readFileMeanwhile(file, maxBytes).catch((problem: FileProblem) => problem));
  }
}

/** What `work` does, done again: gives the same, or throws the same. */
function endOf<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
