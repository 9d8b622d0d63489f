/** The small rooms in Spanish, as one file to fetch: each alone would cost more in asking than in reading. */
export { es as answer } from './answer.es.ts';
export { es as lock } from './lock.es.ts';
export { es as parts } from './parts.es.ts';
export { es as settings } from './settings.es.ts';
export { es as shell } from './shell.es.ts';
