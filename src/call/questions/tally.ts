/** Numbers by whose they are; those that are 0 are not kept. */
export class Tally {
  private readonly all = new Map<string, number>();

  of(whose: string): number {
    return this.all.get(whose) ?? 0;
  }

  add(whose: string, more: number): void {
    const sum = this.of(whose) + more;
    if (sum === 0) this.all.delete(whose);
    else this.all.set(whose, sum);
  }
}
