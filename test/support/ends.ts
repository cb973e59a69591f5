/** What a test opened, closed in reverse order after each test, also when it failed. */
export function closesAfterEach(): <T extends { close(): Promise<unknown> } | { stop(): Promise<unknown> }>(opened: T) => T {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return (opened) => {
    ends.push(() => ('close' in opened ? opened.close() : opened.stop()));
    return opened;
  };
}
