// Elements, and what they say: text never becomes markup.

const $ = (id) => document.getElementById(id);

/** An element: `on…` are listeners, `label` a name for those who do not see, all else attributes. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'label') element.setAttribute('aria-label', value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Says something that passes by. */
function say(text) {
  const status = $('status');
  status.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { status.textContent = ''; }, 5000);
}

/** A table of rows; the first column is the name of each row. On a phone, where `cards`, a row is a card. */
function table(columns, rows, { cards = false, caption } = {}) {
  const cell = (column, row, index) => {
    const content = column.value(row);
    if (index === 0) return h('th', { scope: 'row' }, content);
    return h('td', { class: column.class, 'data-label': column.name }, content);
  };
  return h('table', { class: cards ? 'cards' : undefined },
    caption ? h('caption', { class: 'visually-hidden' }, caption) : undefined,
    h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col', class: column.class }, column.name)))),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...columns.map((column, index) => cell(column, row, index))))));
}

/** Does `work` for a form, with its buttons off meanwhile; what goes wrong is said in `place`. */
async function attempt(form, place, work) {
  const buttons = form.querySelectorAll('button');
  place.textContent = '';
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } catch (error) {
    place.textContent = error.message;
    return undefined;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Calls `act` when nothing was typed for a moment. */
function afterTyping(input, act) {
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(act, 250);
  });
}
