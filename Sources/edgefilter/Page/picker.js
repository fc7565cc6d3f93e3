// A field that finds one of very many: what is typed is asked of the gateway, and what it knows of is offered.

class Picker {
  /** `find(text)` gives [number, label] pairs, few; `none`: the word for nothing chosen; `act`: called when the choice changed. */
  constructor(id, { find, none, act = () => {} }) {
    this.input = $(id);
    this.offers = $(`${id}-offers`);
    Object.assign(this, { find, none, act, known: [], chosen: null, asked: 0 });
    this.input.addEventListener('input', () => this.input.setCustomValidity(''));
    afterTyping(this.input, () => this.offer());
    this.input.addEventListener('focus', () => this.offer());
    this.input.addEventListener('change', () => guarded(() => this.settle()));
  }

  /** The number that is chosen; empty: none is. */
  get value() { return this.chosen ? String(this.chosen[0]) : ''; }

  /** Chooses without being asked; null: nothing. */
  set(pair) {
    this.chosen = pair;
    this.input.value = pair ? pair[1] : '';
    this.input.setCustomValidity('');
    this.input.placeholder = t(this.none);
  }

  /** What fits what is typed. An answer that another question has overtaken is dropped. */
  async look(text) {
    const number = ++this.asked;
    const found = await this.find(text);
    if (number === this.asked) {
      this.known = found;
      this.offers.replaceChildren(...found.map(([, label]) => h('option', { value: label })));
    }
    return found;
  }

  /** Chooses what there is, where it is only one. */
  takeOnly() {
    const looked = this.look('').then((found) => {
      if (found.length === 1 && !this.input.value) this.set(found[0]);
    });
    this.ready = looked.catch(() => {});
    return looked;
  }

  offer() {
    const text = this.input.value.trim();
    return guarded(() => this.look(this.chosen?.[1] === text ? '' : text));
  }

  /** Takes what is typed for a choice, or says that it is none; true: it is one. */
  async settle(mustChoose = false) {
    await this.ready;
    const text = this.input.value.trim();
    if (text === (this.chosen?.[1] ?? '') && (text || !mustChoose)) return true;
    const fit = (pairs) => pairs.find(([, label]) => label === text);
    let pair = text ? fit(this.known) : mustChoose ? undefined : null;
    if (text && !pair) {
      const found = await this.look(text);
      pair = fit(found) ?? (found.length === 1 ? found[0] : undefined);
    }
    if (pair === undefined) {
      this.input.setCustomValidity(t('chooseOne'));
      this.input.reportValidity();
      return false;
    }
    this.set(pair);
    await this.act();
    return true;
  }
}

/** Entries of a list of ours that bear a text, or have it for their number; few of them, however long it takes to find one. */
async function seek(path, list, text, query = {}) {
  const ask = (more) => api.get(path, { ...query, limit: 20, ...more });
  const found = /^\d+$/.test(text) ? (await ask({ q: `#${text}` }))[list] : [];
  for (let after; found.length < 20;) {
    const answer = await ask({ q: text, after });
    found.push(...answer[list].filter((entry) => found.every((other) => other.id !== entry.id)));
    if (answer.next === null || found.length) break;
    after = answer.next;
  }
  return found.slice(0, 20);
}

/** More of a list, as often as it takes until there is some. */
async function page(path, list, query) {
  for (let after = query.after; ;) {
    const answer = await api.get(path, { ...query, after, limit: 200 });
    if (answer.next === null || answer[list].length) return answer;
    after = answer.next;
  }
}
