// What was used: sums, days, models, endpoints; of all, of a user, of a key.

const usage = {
  measure: 'tokens',
  answer: null,
  /** The period that the answer is of. */
  from: '',
  to: '',

  start() {
    $('usage-days').addEventListener('change', () => guarded(() => this.load()));
    this.user = new Picker('usage-user', { find: (text) => users.find(text), none: 'everyone', act: () => this.choose(null) });
    this.key = new Picker('usage-key', { find: (text) => this.findKeys(text), none: 'everyKey', act: () => this.load() });
    $('usage-filter').addEventListener('submit', (event) => event.preventDefault());
    $('measure').addEventListener('click', (event) => {
      if (!event.target.value) return;
      this.measure = event.target.value;
      $('by-day').dataset.measure = this.measure;
      for (const button of $('measure').children) button.setAttribute('aria-pressed', String(button === event.target));
      this.draw();
    });
    new ResizeObserver(() => this.draw()).observe($('chart'));
  },

  async findKeys(text) {
    const found = await seek('/admin/api-keys', 'api_keys', text, { user_id: this.user.value });
    return found.map((key) => [key.id, this.label(key)]);
  },

  label(key) {
    return `${key.name} (${key.username ?? ''}, ${t('numbered', { id: key.id })})`;
  },

  /** Shows the usage of one key, or of all. */
  choose(key) {
    this.key.set(key && [key.id, this.label(key)]);
    return this.load();
  },

  /** Shows one key's usage, from wherever. */
  showKey(key) {
    this.user.set(null);
    this.key.set([key.id, this.label(key)]);
    tabs.show('usage', true);
  },

  async load() {
    for (const picker of [this.user, this.key]) picker.set(picker.chosen);
    const today = new Date();
    this.to = today.toISOString().slice(0, 10);
    this.from = new Date(today.getTime() - ($('usage-days').value - 1) * 86400000).toISOString().slice(0, 10);
    this.answer = await api.get('/admin/usage', {
      start_date: this.from, end_date: this.to, user_id: this.user.value, api_key_id: this.key.value,
    });
    this.draw();
  },

  draw() {
    const answer = this.answer;
    if (!answer || $('usage').hidden) return;
    tiles($('usage-sums'), [
      [t('requests'), answer.total_requests], [t('failures'), answer.total_failures],
      [t('input'), answer.total_input_tokens], [t('output'), answer.total_output_tokens],
    ]);
    const days = everyDay(this.from, this.to, answer.usage_by_day);
    const { names } = MEASURES[this.measure];
    $('legend').replaceChildren(h('span', {}, h('i'), t(names[0])), h('span', {}, h('i', { class: 'second' }), t(names[1])));
    const sum = number(this.measure === 'tokens' ? answer.total_tokens : answer.total_requests);
    drawChart($('chart'), days, this.measure, t('chartOf', { what: t(this.measure), from: day(this.from), to: day(this.to), sum }));
    $('days').replaceChildren(this.table('day', answer.usage_by_day, (row) => day(row.day)));
    $('days').setAttribute('aria-label', t('byDay'));
    this.list($('models'), 'model', answer.usage_by_model);
    this.list($('endpoints'), 'endpoint', answer.usage_by_endpoint);
  },

  list(place, label, rows) {
    const most = Math.max(1, ...rows.map((row) => row.total_requests));
    const named = (row) => {
      const share = h('span', { class: 'share' });
      share.style.setProperty('--part', `${(100 * row.total_requests) / most}%`);
      return h('span', {}, row[label] || '–', share);
    };
    place.replaceChildren(rows.length ? this.table(label, rows, named) : h('p', { class: 'empty' }, t('noUsage')));
  },

  table(label, rows, first) {
    const count = (name, value) => ({ name: t(name), class: 'number', value: (row) => number(value(row)) });
    return table([
      { name: t(label), value: first },
      count('requests', (row) => row.total_requests),
      count('input', (row) => row.total_input_tokens),
      count('output', (row) => row.total_output_tokens),
    ], rows, { caption: t(label === 'day' ? 'byDay' : label === 'model' ? 'byModel' : 'byEndpoint') });
  },
};

/** Numbers with their names. */
function tiles(place, pairs) {
  place.replaceChildren(...pairs.map(([name, value]) =>
    h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value === null ? '–' : number(value)))));
}
