/** A browser as far as forms, redirects and cookies go: goes through sign-in and consent as this person. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();
  private readonly name: string;
  private readonly route: readonly [from: string, to: string];
  /** Of the page that it is on. */
  private referrerPolicy: string | null = null;
  /** Every address that it went to. */
  readonly visited: string[] = [];

  /** `route`: where an address leads to in truth. */
  constructor(name: string, route: readonly [from: string, to: string] = ['', '']) {
    this.name = name;
    this.route = route;
  }

  /** Opens a link and does what its pages ask, up to a page without a form of ours or an address that `stopAt` says. */
  async open(
    link: string,
    stopAt: (url: URL) => boolean = () => false,
  ): Promise<{ readonly url: string; readonly status: number; readonly text: string }> {
    let url = new URL(link);
    let body: URLSearchParams | undefined;
    for (let step = 0; step < 20; step += 1) {
      if (stopAt(url)) return { url: url.href, status: 0, text: '' };
      const { status, location, text } = await this.go(url, body);
      body = undefined;
      if (location !== null) url = new URL(location, url);
      else {
        const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(text);
        if (!form) return { url: url.href, status, text };
        url = new URL(unescaped(form[1] as string) || url.href, url);
        body = this.filled(form[2] as string);
      }
    }
    throw new Error('goes round in circles');
  }

  private filled(form: string): URLSearchParams {
    const filled = new URLSearchParams();
    for (const [input] of form.matchAll(/<input[^>]*>/g)) {
      const [name, value] = ['name', 'value'].map((attribute) => new RegExp(`\\b${attribute}="([^"]*)"`).exec(input)?.[1]);
      if (name !== undefined) filled.append(name, name === 'login' ? this.name : name === 'password' ? 'any' : unescaped(value ?? ''));
    }
    return filled;
  }

  private async go(url: URL, body: URLSearchParams | undefined) {
    this.visited.push(url.href);
    const jar = this.cookies.get(url.host) ?? new Map<string, string>();
    this.cookies.set(url.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const target = url.href.replace(...this.route);
    // As browsers do (Fetch, "append a request Origin header").
    const origin = this.referrerPolicy === 'no-referrer' ? 'null' : new URL(target).origin;
    const headers = { cookie, ...(body && { origin }) };
    const answer = await fetch(target, { redirect: 'manual', headers, ...(body && { method: 'POST', body }) });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970|max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    this.referrerPolicy = answer.headers.get('referrer-policy');
    return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() };
  }
}

function unescaped(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
