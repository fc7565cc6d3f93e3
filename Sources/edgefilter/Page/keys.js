// Issued keys: listed, issued, limited, deactivated.

const keys = {
  list: [],
  next: null,
  /** The key whose limits are changed; null: one is issued. */
  changed: null,

  start() {
    $('keys-filter').addEventListener('submit', (event) => event.preventDefault());
    afterTyping($('keys-search'), () => this.load());
    $('keys-status').addEventListener('change', () => this.load());
    this.user = new Picker('keys-user', { find: (text) => users.find(text), none: 'everyone', act: () => this.load() });
    this.owner = new Picker('key-user', { find: (text) => users.find(text), none: 'user' });
    $('keys-more').addEventListener('click', () => this.load(this.next));
    $('issue').addEventListener('click', () => this.open(null));
    $('key-form').addEventListener('submit', (event) => this.submit(event));
    $('copy').addEventListener('click', () => this.copy());
    $('issued-dialog').addEventListener('close', () => { $('issued-key').value = ''; });
  },

  async load(after) {
    this.user.set(this.user.chosen);
    const answer = await page('/admin/api-keys', 'api_keys', {
      q: $('keys-search').value.trim(), user_id: this.user.value, is_active: $('keys-status').value, after,
    });
    this.list = after ? [...this.list, ...answer.api_keys] : answer.api_keys;
    this.next = answer.next;
    this.draw();
  },

  async showUser(user) {
    this.user.set([user.id, user.username]);
    $('keys-search').value = '';
    $('keys-status').value = '';
    tabs.show('keys', true);
  },

  draw() {
    $('keys-more').hidden = this.next === null;
    $('keys-list').replaceChildren(this.list.length ? this.table() : h('p', { class: 'empty' }, t(users.areThere ? 'noKeys' : 'firstUser')));
  },

  table() {
    return table([
      { name: t('name'), value: (key) => h('span', {}, key.name, h('small', {}, t('numbered', { id: key.id }))) },
      { name: t('user'), value: (key) => key.username ?? '–' },
      { name: t('created'), value: (key) => day(key.created_at) },
      { name: t('limits'), class: 'limits', value: (key) => this.limits(key) },
      { name: t('status'), value: (key) => h('span', { class: key.is_active ? 'badge good' : 'badge' }, this.status(key)) },
      { name: h('span', { class: 'visually-hidden' }, t('actions')), class: 'row-actions-cell', value: (key) => this.actions(key) },
    ], this.list, { cards: true, caption: t('keys') });
  },

  status(key) {
    return t(key.is_active ? 'active' : key.is_revoked ? 'deactivated' : 'expired');
  },

  limits(key) {
    const said = [
      key.requests_per_minute && t('aMinute', { n: short(key.requests_per_minute) }),
      key.tokens_per_day && t('tokensADay', { n: short(key.tokens_per_day) }),
      key.allowed_models.length && t('onlyModels', { models: key.allowed_models.join(', ') }),
      key.expires_at && t('until', { day: day(key.expires_at) }),
    ].filter(Boolean);
    return said.join(' · ') || t('noLimits');
  },

  actions(key) {
    const button = (word, act, kind) => h('button', { type: 'button', class: kind, label: `${t(word)}: ${key.name}`, onclick: act }, t(word));
    const own = key.is_revoked ? [] : [
      button('change', () => this.open(key)), button('deactivate', () => this.deactivate(key), 'danger'),
    ];
    return h('div', { class: 'row-actions' }, button('showUsage', () => usage.showKey(key)), ...own);
  },

  open(key) {
    this.changed = key;
    const form = $('key-form');
    form.reset();
    $('key-error').textContent = '';
    $('key-dialog-title').textContent = key ? t('limitsOf', { name: key.name }) : t('issueKey');
    $('key-submit').textContent = t(key ? 'save' : 'issue');
    for (const id of ['key-user', 'key-name']) {
      $(`${id}-field`).hidden = Boolean(key);
      $(id).disabled = Boolean(key);
    }
    this.owner.set(key ? null : this.user.chosen);
    if (key) {
      form.expires_at.value = key.expires_at?.slice(0, 10) ?? '';
      form.model_name.value = key.model_name ?? '';
      form.allowed_models.value = key.allowed_models.join(', ');
      form.requests_per_minute.value = key.requests_per_minute ?? '';
      form.tokens_per_day.value = key.tokens_per_day ?? '';
    }
    $('key-dialog').showModal();
    if (!key && !this.owner.value) guarded(() => this.owner.takeOnly());
  },

  async submit(event) {
    event.preventDefault();
    const form = event.target;
    const key = this.changed;
    if (!key && !(await this.owner.settle(true))) return;
    const answer = await attempt(form, $('key-error'), () => {
      const wish = this.wish(form);
      if (key) return api.call('PATCH', `/admin/api-keys/${key.id}`, wish);
      return api.call('POST', '/admin/api-keys', { ...wish, user_id: Number(this.owner.value), name: form.name.value.trim() });
    });
    if (!answer) return;
    $('key-dialog').close();
    if (key) say(t('saved')); else this.showIssued(answer.api_key);
    await guarded(() => this.load());
  },

  /** What the form asks for. */
  wish(form) {
    const count = (input) => (input.value === '' ? null : Number(input.value));
    return {
      expires_at: form.expires_at.value ? `${form.expires_at.value}T23:59:59` : null,
      model_name: form.model_name.value.trim() || null,
      allowed_models: form.allowed_models.value.split(/[,，]/).map((name) => name.trim()).filter(Boolean),
      requests_per_minute: count(form.requests_per_minute),
      tokens_per_day: count(form.tokens_per_day),
    };
  },

  showIssued(text) {
    $('issued-key').value = text;
    $('issued-dialog').showModal();
    $('issued-key').select();
    $('copy').focus();
  },

  async copy() {
    const input = $('issued-key');
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
      say(t('copied'));
    } catch {
      // Without https browsers give no clipboard; the old way still works in most.
      say(t(document.execCommand('copy') ? 'copied' : 'copyFailed'));
    }
  },

  deactivate(key) {
    confirmed({
      title: t('deactivateTitle'), text: t('deactivateText', { name: key.name, user: key.username ?? '–' }), yes: t('deactivate'),
    }, async () => {
      await api.call('DELETE', `/admin/api-keys/${key.id}`);
      say(t('deactivatedKey', { name: key.name }));
      await this.load();
    });
  },
};
