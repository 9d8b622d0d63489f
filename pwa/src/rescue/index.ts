/**
 * The page that works when the app does not: it says what waits on this phone, and saves it as the sealed file.
 *
 * One script of its own, without any of the app's: a fault there cannot reach it. It makes its elements by hand, because
 * nothing may be needed for it that could be missing.
 */
import { fileName, writeFile, FILE_LIMIT_RECORDS } from '../storage/outbox_file.ts';
import { stored, type Found } from './stored.ts';
import { fill, spoken, wordsIn } from './words.ts';

const language = spoken(navigator.language);
const words = wordsIn(language);

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, text: string, ...inside: Node[]): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...inside);
  return made;
}

async function save(found: Found, said: HTMLElement): Promise<void> {
  // More than one file may hold becomes several; each is whole.
  for (let from = 0; from < found.records.length; from += FILE_LIMIT_RECORDS) {
    const part = { ...found, records: found.records.slice(from, from + FILE_LIMIT_RECORDS) };
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await writeFile(part)], { type: 'application/octet-stream' }));
    link.download = fileName(part);
    link.click();
  }
  said.textContent = `${words.saved} ${words.stays}`;
}

function card(found: Found): HTMLElement {
  const login = found.login || words.unnamed;
  const button = element('button', fill(words.save, { login }));
  const said = element('p', '');
  said.setAttribute('role', 'status');
  button.addEventListener('click', () => void save(found, said));
  const count = element('p', fill(words.records, { all: found.records.length, waiting: found.waiting }));
  return element('section', '', element('h2', login), count, button, said);
}

async function show(place: HTMLElement): Promise<void> {
  const said = element('p', words.looking);
  said.setAttribute('role', 'status');
  const again = element('a', words.again);
  again.href = '/';
  place.replaceChildren(element('h1', words.title), element('p', words.lead), said, element('p', '', again));
  try {
    const found = await stored(new Date().toISOString());
    said.textContent = found === null ? words.nothing : found.length === 0 ? words.empty : '';
    said.after(...(found ?? []).map(card));
  } catch (error) {
    said.textContent = fill(words.failed, { error: error instanceof Error ? error.name : '' });
  }
}

document.documentElement.lang = language;
document.title = `Warm Handoff: ${words.title}`;
void show(document.getElementById('main')!);
