// As much of a browser as a login needs: it keeps cookies by host and follows redirects, as long as it is let.

export interface Browser {
  /** The names and values of the cookies that it would send there. */
  cookies(url: string): ReadonlyMap<string, string>;
  /** Loses all cookies of a host. */
  forget(url: string): void;
  /** Every `set-cookie` that it was sent, as it came. */
  readonly received: string[];
  /** One request, redirects not followed. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Follows redirects to the end, or until a place is reached that begins with `until`, which is not asked for. */
  go(url: string, until?: string): Promise<{ readonly url: string; readonly response: Response }>;
}

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const received: string[] = [];
  const jarOf = (url: string): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const browser: Browser = {
    cookies: jarOf,
    received,
    forget: (url) => void jars.delete(new URL(url).host),
    async fetch(url, init = {}) {
      const jar = jarOf(url);
      const headers = new Headers(init.headers);
      if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
      const response = await fetch(url, { ...init, headers, redirect: "manual" });
      for (const cookie of response.headers.getSetCookie()) {
        received.push(cookie);
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (value === "" || /max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    },
    async go(url, until) {
      let at = url;
      for (let hops = 0; hops < 15; hops++) {
        const response = await browser.fetch(at);
        const to = response.headers.get("location");
        if (to === null) return { url: at, response };
        await response.body?.cancel();
        at = new URL(to, at).href;
        if (until !== undefined && at.startsWith(until)) return { url: at, response };
      }
      throw new Error(`redirected without end, at last to ${at}`);
    },
  };
  return browser;
}
