/** What the rescue page says. Both languages are in its one file: it must not have to ask for anything. */
const en = {
  title: 'Save what waits on this phone',
  lead: 'This page works when the app does not start. It only reads. What it saves is sealed: a colleague or a station computer with this app can send it, and nobody on the way can read it.',
  looking: 'Looking…',
  nothing: 'Nothing of this app is stored in this browser.',
  empty: 'No records are stored here.',
  failed: 'The stored records could not be read ({error}). Close every page of the app, then open this one again.',
  records: '{all} records, {waiting} of them not yet known to be sent',
  save: 'Save the sealed file of {login}',
  saved: 'Saved. Give it to a colleague, who opens Me, “What waits here, and storage”, “Forward a colleague’s records”.',
  stays: 'Nothing was removed. Do not clear this browser’s data until the app has told you that all is sent.',
  unnamed: 'somebody',
  again: 'Try the app again',
};

export type Words = typeof en;

const es: Words = {
  title: 'Guardar lo que espera en este teléfono',
  lead: 'Esta página funciona cuando la aplicación no abre. Solo lee. Lo que guarda va sellado: un colega o una computadora de la estación con esta aplicación puede enviarlo, y nadie lo puede leer por el camino.',
  looking: 'Buscando…',
  nothing: 'No hay nada de esta aplicación en este navegador.',
  empty: 'Aquí no hay registros guardados.',
  failed: 'No se pudieron leer los registros guardados ({error}). Cierre todas las páginas de la aplicación y abra esta otra vez.',
  records: '{all} registros, de {waiting} de ellos no consta que se hayan enviado',
  save: 'Guardar el archivo sellado de {login}',
  saved: 'Guardado. Déselo a un colega, que abre Yo, «Lo que espera aquí, y el espacio», «Reenviar registros de un colega».',
  stays: 'No se quitó nada. No borre los datos de este navegador hasta que la aplicación le diga que todo se envió.',
  unnamed: 'alguien',
  again: 'Probar la aplicación otra vez',
};

export const spoken = (language: string): 'en' | 'es' => (/^es\b/i.test(language) ? 'es' : 'en');
export const wordsIn = (language: 'en' | 'es'): Words => ({ en, es })[language];

export const fill = (sentence: string, values: Record<string, string | number>): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
