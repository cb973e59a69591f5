/** Numbers by whose they are, and what they are together; those that are 0 are not kept. */
export class Tally {
  private readonly all = new Map<string, number>();
  private sum = 0;

  get total(): number {
    return this.sum;
  }

  of(whose: string): number {
    return this.all.get(whose) ?? 0;
  }

  add(whose: string, more: number): void {
    this.sum += more;
    const own = this.of(whose) + more;
    if (own === 0) this.all.delete(whose);
    else this.all.set(whose, own);
  }
}
