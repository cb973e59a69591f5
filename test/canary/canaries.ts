import { randomBytes } from 'node:crypto';

/** Secrets that are nowhere else in the world, one for each place that they are put in: what is found tells where it came from. */
export class Canaries {
  private readonly secrets = new Map<string, string>();

  /** The secret of this place. Looks like a token to everybody; 38 characters. */
  at(place: string): string {
    let secret = this.secrets.get(place);
    if (secret === undefined) this.secrets.set(place, (secret = `canary${randomBytes(16).toString('hex')}`));
    return secret;
  }

  /** One that somebody else has made. */
  note(place: string, secret: string): void {
    this.secrets.set(place, secret);
  }

  get places(): readonly string[] {
    return [...this.secrets.keys()];
  }

  /** The places whose secrets are in the text: as they are, percent-encoded, or in Base64. */
  foundIn(text: string): string[] {
    return this.places.filter((place) => formsOf(this.at(place)).some((form) => text.includes(form)));
  }
}

/** Base64 of a text inside a longer one depends on where it begins: three ways. */
function formsOf(secret: string): string[] {
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.from('x'.repeat(shift) + secret).toString('base64');
    return text.slice(4, -4);
  });
  return [secret, ...shifted];
}
