// Draws each <div data-chart="id of its data"> with uPlot, from the JSON beside it; see frame/_chart.html.
// The numbers stand in a table as well, so a chart that cannot be drawn takes nothing away.

const language = document.documentElement.lang || "fr";
const drawn = new WeakMap();
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 5]];
const BAR_SHARE = 0.7; // of the room that a group of bars has
const HOUR = 3600;
const COUNTS = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power)).sort((a, b) => a - b);

function tone(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--app-${name}`).trim() || "#0b0c0c";
}

function faint(colour) {
  return /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}2b` : colour;
}

function written(told) {
  const form = told.shares
    ? new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 })
    : new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return (value) => (value === null || value === undefined ? "–" : form.format(value));
}

function moments(told) {
  const zone = { timeZone: told.zone };
  const hour = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", ...zone });
  const day = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", ...zone });
  const whole = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", ...zone });
  return {
    ticks: (_, places, __, ___, step) =>
      places.map((place) => (step < 12 * HOUR ? hour : day).format(place * 1000)),
    whole: (place) => whole.format(place * 1000),
  };
}

function line(each, n, write) {
  const colour = tone(each.tone);
  return {
    label: each.name,
    stroke: colour,
    width: 2,
    dash: each.dashed ? [6, 4] : DASHES[n % DASHES.length],
    points: { show: false },
    value: (_, value) => write(value),
  };
}

function bars(each, n, count, write) {
  const colour = tone(each.tone);
  return {
    label: each.name,
    stroke: colour,
    fill: n % 2 ? faint(colour) : colour,
    width: 1,
    points: { show: false },
    paths: window.uPlot.paths.bars({ size: [BAR_SHARE / count, 80], align: count === 1 ? 0 : n === 0 ? -1 : 1 }),
    value: (_, value) => write(value),
  };
}

function edge(name) {
  return { label: name, stroke: "transparent", points: { show: false }, class: "app-chart__edge" };
}

// The rows uPlot takes: x first; a series with a band brings its upper and lower edge behind it.
function rowsOf(told) {
  const places = told.time ? told.x : told.x.map((_, n) => n);
  const rows = [places];
  const series = [{}];
  const bands = [];
  const write = written(told);
  told.series.forEach((each, n) => {
    rows.push(each.values);
    series.push(told.kind === "bars" ? bars(each, n, told.series.length, write) : line(each, n, write));
    if (each.low && each.high) {
      rows.push(each.high, each.low);
      series.push(edge(`${each.name} +`), edge(`${each.name} −`));
      bands.push({ series: [rows.length - 2, rows.length - 1], fill: faint(tone(each.tone)) });
    }
  });
  return { rows, series, bands, write };
}

// A line across the chart at a moment, with its word beside it.
function marking(told) {
  return {
    hooks: {
      draw: (chart) => {
        const { ctx, bbox } = chart;
        const pixel = window.devicePixelRatio || 1;
        told.marks.forEach((mark) => {
          const x = chart.valToPos(mark.at, "x", true);
          if (x < bbox.left || x > bbox.left + bbox.width) return;
          ctx.save();
          ctx.strokeStyle = ctx.fillStyle = tone("late");
          ctx.lineWidth = 2 * pixel;
          ctx.setLineDash([4 * pixel, 3 * pixel]);
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
          ctx.font = `bold ${13 * pixel}px system-ui, sans-serif`;
          const right = x > bbox.left + bbox.width / 2;
          ctx.textAlign = right ? "right" : "left";
          ctx.fillText(mark.name, x + (right ? -6 : 6) * pixel, bbox.top + 14 * pixel);
          ctx.restore();
        });
      },
    },
  };
}

function options(told, width) {
  const { rows, series, bands, write } = rowsOf(told);
  const when = told.time ? moments(told) : null;
  series[0] = {
    label: told.x_name,
    value: (_, place) => (place === null ? "" : when ? when.whole(place) : told.x[place] || ""),
  };
  const words = (_, places) => places.map((place) => told.x[place] || "");
  const grid = { stroke: tone("line"), width: 0.5 };
  const font = "14px system-ui, sans-serif";
  return {
    rows,
    setup: {
      width,
      height: told.height,
      bands,
      series,
      plugins: [marking(told)],
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      legend: { live: true, isolate: false },
      scales: {
        x: { time: false, range: told.kind === "bars" ? (_, low, high) => [low - 0.5, high + 0.5] : undefined },
        y: { range: (_, __, high) => [0, told.shares ? 1 : Math.max(high * 1.08, 1)] },
      },
      axes: [
        {
          font,
          grid,
          space: 80,
          values: when ? when.ticks : words,
          incrs: when ? [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 168 * HOUR] : [1, 2, 5, 10],
        },
        { font, grid, size: 64, values: (_, places) => places.map(write), incrs: told.shares ? undefined : COUNTS },
      ],
    },
  };
}

function draw(place) {
  const source = document.getElementById(place.dataset.chart);
  if (!source || !window.uPlot || place.clientWidth === 0) return;
  const before = drawn.get(place);
  if (before && before.text === source.textContent && place.contains(before.chart.root)) return;
  if (before) before.chart.destroy();
  place.replaceChildren();
  const told = JSON.parse(source.textContent);
  const { rows, setup } = options(told, place.clientWidth);
  const chart = new window.uPlot(setup, rows, place);
  chart.root.setAttribute("aria-hidden", "true");
  chart.root.querySelectorAll(".u-series").forEach((row, n) => {
    if (setup.series[n] && setup.series[n].class === "app-chart__edge") row.hidden = true;
  });
  drawn.set(place, { chart, text: source.textContent });
  sizes.observe(place);
}

const sizes = new ResizeObserver((changes) => {
  changes.forEach(({ target }) => {
    const known = drawn.get(target);
    if (known && target.clientWidth > 0 && target.clientWidth !== known.chart.width) {
      known.chart.setSize({ width: target.clientWidth, height: known.chart.height });
    } else if (!known) draw(target);
  });
});

function drawAll() {
  document.querySelectorAll("[data-chart]").forEach((place) => {
    draw(place);
    if (!drawn.has(place)) sizes.observe(place); // it has no room yet: in a closed part of the page
  });
}

drawAll();
document.body.addEventListener("htmx:after:swap", drawAll);
