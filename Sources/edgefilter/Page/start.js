// The frame: signing in, tabs, dialogs, what is live.

/** Does what may be refused, and says so. */
async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (error.status !== 401) say(error.message);
  }
}

/** Asks before `act` is done. */
function confirmed({ title, text, yes }, act) {
  const dialog = $('confirm-dialog');
  $('confirm-title').textContent = title;
  $('confirm-text').textContent = text;
  $('confirm-error').textContent = '';
  $('confirm-yes').textContent = yes;
  $('confirm-yes').onclick = async () => {
    const isDone = await attempt(dialog, $('confirm-error'), async () => {
      await act();
      return true;
    });
    if (isDone) dialog.close();
  };
  dialog.showModal();
}

const tabs = {
  names: ['usage', 'keys', 'users'],
  views: { usage, keys, users },
  current: 'usage',

  start() {
    for (const name of this.names) $(`tab-${name}`).addEventListener('click', () => this.show(name));
    $('tabs').addEventListener('keydown', (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -this.names.indexOf(this.current), End: -1 - this.names.indexOf(this.current) };
      if (!(event.key in steps)) return;
      event.preventDefault();
      const count = this.names.length;
      this.show(this.names[(this.names.indexOf(this.current) + steps[event.key] + count) % count], true);
    });
  },

  /** Shows one; `isFocused`: whoever works with keys goes on from its tab. */
  show(name, isFocused = false) {
    this.current = name;
    for (const other of this.names) {
      const isCurrent = other === name;
      $(other).hidden = !isCurrent;
      $(`tab-${other}`).setAttribute('aria-selected', String(isCurrent));
      $(`tab-${other}`).tabIndex = isCurrent ? 0 : -1;
    }
    if (isFocused) $(`tab-${name}`).focus();
    return guarded(() => this.views[name].load());
  },
};

const live = {
  /** How many requests there were, and when, in the last minute. */
  past: [],
  answer: null,

  start() {
    setInterval(() => {
      if (!document.hidden && !$('signed-in').hidden) this.load();
    }, 5000);
  },

  load() {
    return guarded(async () => {
      this.answer = await api.get('/admin/live');
      const now = performance.now();
      this.past = [...this.past.filter((one) => now - one.at < 60000), { at: now, requests: this.answer.requests }];
      this.draw();
    });
  },

  draw() {
    if (!this.answer) return;
    const [first, last] = [this.past[0], this.past.at(-1)];
    const minutes = (last.at - first.at) / 60000;
    tiles($('live'), [
      [t('connections'), this.answer.active_connections],
      [t('perMinute'), minutes > 0 ? Math.round((last.requests - first.requests) / minutes) : null],
      [t('requestsSince'), this.answer.requests], [t('failuresSince'), this.answer.failed_requests],
    ]);
  },
};

/** Shows what an administrator sees. */
async function enter(way) {
  $('sign-in').hidden = true;
  $('sign-out').hidden = way !== 'sign_in';
  $('signed-in').hidden = false;
  await guarded(() => users.learn());
  live.load();
  await tabs.show(tabs.current);
}

/** Shows the sign-in; what was on the page is gone from it. */
function leave(reason = '') {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  const isNew = $('sign-in').hidden;
  $('signed-in').hidden = true;
  $('sign-out').hidden = true;
  $('sign-in').hidden = false;
  for (const id of ['keys-list', 'users-list', 'models', 'endpoints', 'days', 'chart']) $(id).replaceChildren();
  usage.answer = null;
  api.token = '';
  if (!isNew) return;
  $('sign-in-error').textContent = reason;
  $('admin-key').focus();
}

async function signIn(event) {
  event.preventDefault();
  const input = $('admin-key');
  const isIn = await attempt(event.target, $('sign-in-error'), async () => {
    await api.signIn(input.value);
    return true;
  });
  input.value = '';
  if (!isIn) {
    input.focus();
    return;
  }
  await enter('sign_in');
  $('tab-usage').focus();
}

async function signOut() {
  await guarded(() => api.signOut());
  leave();
  say(t('signedOut'));
}

function redraw() {
  live.draw();
  if (!$('signed-in').hidden) tabs.show(tabs.current);
}

function start() {
  setLanguage(chosenLanguage());
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  $('insecure').hidden = location.protocol === 'https:' || isLocal;
  $('language').addEventListener('click', () => {
    keepLanguage(language === 'en' ? 'zh' : 'en');
    redraw();
  });
  $('sign-in-form').addEventListener('submit', signIn);
  $('sign-out').addEventListener('click', signOut);
  for (const button of document.querySelectorAll('[data-close]')) {
    button.addEventListener('click', () => button.closest('dialog').close());
  }
  for (const part of [usage, keys, users, tabs, live]) part.start();
  api.onSignedOut = () => leave(t('signInOver'));
  guarded(async () => {
    const way = await api.session();
    if (way) await enter(way); else leave();
  });
}

start();
