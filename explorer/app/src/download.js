// Files made of what is on screen, or fetched from the server's exports.

import { fetched, Failure } from './ask.js';

/** Hands a file to the browser. */
export function save(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A name that every file system takes. */
export function fileName(text) {
  return text.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60).toLowerCase() || 'crimegraph';
}

/** Fetches a subgraph in one of the server's formats; `parameters` are the field's arguments. */
export async function exported(format, parameters, lens) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    (Array.isArray(value) ? value : [value]).forEach((one) => body.append(name, String(one)));
  }
  if (lens) body.set('lens', JSON.stringify(lens));
  const response = await fetched(`/export/subgraph.${format}`, { method: 'POST', body });
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new Failure('refused', body?.errors?.[0]?.message ?? `The server answered ${response.status}.`);
  }
  return response.blob();
}

const STYLED = [
  'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'fill-opacity', 'stroke-opacity',
  'font-size', 'font-weight', 'font-family', 'text-anchor', 'dominant-baseline', 'paint-order', 'visibility', 'display', 'vector-effect',
];

/** An SVG on screen as a file that looks the same by itself: what the style sheet says is written into it. */
export function svgText(svg, background) {
  const box = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, i) => {
    const computed = window.getComputedStyle(originals[i]);
    STYLED.forEach((name) => {
      const value = computed.getPropertyValue(name);
      if (value) element.setAttribute(name, value);
    });
    ['class', 'style', 'tabindex', 'role', 'aria-label', 'aria-pressed', 'aria-hidden'].forEach((name) => element.removeAttribute(name));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  if (!copy.getAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${box.width} ${box.height}`);
  copy.setAttribute('width', Math.round(box.width));
  copy.setAttribute('height', Math.round(box.height));
  const [x, y, width, height] = copy.getAttribute('viewBox').split(/[\s,]+/);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  Object.entries({ x, y, width, height, fill: background }).forEach(([name, value]) => ground.setAttribute(name, value));
  copy.insertBefore(ground, copy.firstChild);
  return new XMLSerializer().serializeToString(copy);
}

/** Draws the text of an SVG as a PNG of twice its size. */
export async function pngOf(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * 2;
  canvas.height = image.naturalHeight * 2;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Failure('refused', 'The browser could not draw the picture.'))), 'image/png');
  });
}
