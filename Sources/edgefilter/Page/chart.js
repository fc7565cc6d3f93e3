// Usage by day as bars. What the drawing says is in a table beside it, too.

/** The days of a period, those without usage as well. */
function everyDay(from, to, rows) {
  const known = new Map(rows.map((row) => [row.day, row]));
  const days = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86400000) {
    const name = new Date(at).toISOString().slice(0, 10);
    days.push(known.get(name) ?? {
      day: name, total_requests: 0, total_failures: 0, total_input_tokens: 0, total_output_tokens: 0, total_tokens: 0,
    });
  }
  return days;
}

/** The two parts that a bar is made of. */
const MEASURES = {
  tokens: { first: (row) => row.total_input_tokens, second: (row) => row.total_output_tokens, names: ['input', 'output'] },
  requests: { first: (row) => row.total_requests - row.total_failures, second: (row) => row.total_failures, names: ['succeeded', 'failures'] },
};

/** A round number at or above `value`, and the steps to it. */
function scale(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const step = [0.25, 0.5, 1, 2.5].map((part) => part * power).find((part) => part * 4 >= value) ?? power * 2.5;
  const whole = Math.max(1, step);
  return { step: whole, top: Math.max(whole, Math.ceil(value / whole) * whole) };
}

/** Draws the bars into `place`. */
function drawChart(place, days, measure, title) {
  const { first, second, names } = MEASURES[measure];
  const [width, height, left, bottom, above] = [Math.max(280, place.clientWidth), 240, 44, 24, 10];
  const { step, top } = scale(Math.max(...days.map((row) => first(row) + second(row))));
  const y = (value) => above + (height - above - bottom) * (1 - value / top);
  const slot = (width - left) / days.length;
  const bar = Math.max(1.5, Math.min(34, slot * 0.7));
  const parts = [];
  for (let value = 0; value <= top; value += step) {
    parts.push(svg('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }));
    parts.push(svg('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, short(value)));
  }
  const every = Math.ceil(days.length / Math.max(2, Math.floor((width - left) / 70)));
  days.forEach((row, index) => {
    const center = left + slot * (index + 0.5);
    const rect = (kind, from, to) => svg('rect', { class: kind, x: center - bar / 2, width: bar, y: y(to), height: Math.max(0, y(from) - y(to)) });
    const says = `${day(row.day)}\n${t(names[0])}: ${number(first(row))}\n${t(names[1])}: ${number(second(row))}`;
    parts.push(svg('g', { class: 'day' },
      svg('rect', { class: 'hit', x: center - slot / 2, width: slot, y: above, height: height - above - bottom }),
      rect('first', 0, first(row)), rect('second', first(row), first(row) + second(row)), svg('title', {}, says)));
    if ((days.length - 1 - index) % every === 0) {
      const anchor = center + 22 > width ? 'end' : 'middle';
      parts.push(svg('text', { x: anchor === 'end' ? width : center, y: height - 6, 'text-anchor': anchor }, day(row.day, { month: 'short', day: 'numeric' })));
    }
  });
  place.replaceChildren(svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title }, ...parts));
}
