// Users: listed, added, deleted.

const users = {
  list: [],
  next: null,
  /** Whether there is any. */
  areThere: false,

  start() {
    $('users-filter').addEventListener('submit', (event) => event.preventDefault());
    afterTyping($('users-search'), () => this.load());
    $('users-more').addEventListener('click', () => this.load(this.next));
    $('add-user').addEventListener('click', () => {
      $('user-form').reset();
      $('user-error').textContent = '';
      $('user-dialog').showModal();
    });
    $('user-form').addEventListener('submit', (event) => this.submit(event));
  },

  /** Those who fit a text, for choosing one. */
  async find(text) {
    return (await seek('/admin/users', 'users', text)).map((user) => [user.id, user.username]);
  },

  async learn() {
    this.areThere = (await api.get('/admin/users', { limit: 1 })).users.length > 0;
  },

  async load(after) {
    const answer = await page('/admin/users', 'users', { q: $('users-search').value.trim(), after });
    this.list = after ? [...this.list, ...answer.users] : answer.users;
    this.next = answer.next;
    this.draw();
  },

  draw() {
    $('users-more').hidden = this.next === null;
    $('users-list').replaceChildren(this.list.length ? this.table() : h('p', { class: 'empty' }, t('noUsers')));
  },

  table() {
    return table([
      { name: t('name'), value: (user) => h('span', {}, user.username, h('small', {}, t('numbered', { id: user.id }))) },
      { name: t('email'), value: (user) => user.email ?? '–' },
      { name: t('created'), value: (user) => day(user.created_at) },
      { name: h('span', { class: 'visually-hidden' }, t('actions')), class: 'row-actions-cell', value: (user) => this.actions(user) },
    ], this.list, { cards: true, caption: t('users') });
  },

  actions(user) {
    const button = (word, act, kind) => h('button', { type: 'button', class: kind, label: `${t(word)}: ${user.username}`, onclick: act }, t(word));
    return h('div', { class: 'row-actions' },
      button('showKeys', () => keys.showUser(user)), button('remove', () => this.remove(user), 'danger'));
  },

  async submit(event) {
    event.preventDefault();
    const form = event.target;
    const answer = await attempt(form, $('user-error'), () => api.call('POST', '/admin/users', {
      username: form.username.value.trim(), email: form.email.value.trim(),
    }));
    if (!answer) return;
    $('user-dialog').close();
    say(t('userAdded', { name: answer.username }));
    await guarded(async () => {
      await this.learn();
      await this.load();
    });
  },

  remove(user) {
    confirmed({ title: t('removeTitle'), text: t('removeText', { name: user.username }), yes: t('remove') }, async () => {
      await api.call('DELETE', `/admin/users/${user.id}`);
      say(t('removed', { name: user.username }));
      await this.learn();
      await this.load();
    });
  },
};
