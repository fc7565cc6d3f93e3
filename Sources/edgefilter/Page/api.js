// The gateway. Who is not admitted is asked to sign in.

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const api = {
  token: '',
  /** Called when the gateway says that nobody is signed in. */
  onSignedOut: () => {},

  /** Calls one of our endpoints; an answer that is no success is thrown. */
  async call(method, path, body) {
    const headers = { Accept: 'application/json' };
    if (this.token) headers['X-CSRF-Token'] = this.token;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let answer;
    try {
      answer = await fetch(path, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin', cache: 'no-store',
      });
    } catch (error) {
      throw new Refused(0, t('offline', { why: error.message }));
    }
    const content = await answer.json().catch(() => ({}));
    if (answer.ok) return content;
    if (answer.status === 401 && path !== '/admin/login') this.onSignedOut();
    throw new Refused(answer.status, content.error?.message ?? `HTTP ${answer.status}`);
  },

  get(path, query = {}) {
    const said = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null);
    return this.call('GET', said.length ? `${path}?${new URLSearchParams(said)}` : path);
  },

  /** Whether somebody is admitted, and how. */
  async session() {
    const session = await this.get('/admin/session');
    this.token = session.csrf_token ?? '';
    return session.admitted_by;
  },

  async signIn(key) {
    this.token = (await this.call('POST', '/admin/login', { key })).csrf_token;
  },

  async signOut() {
    await this.call('POST', '/admin/logout');
    this.token = '';
  },
};
