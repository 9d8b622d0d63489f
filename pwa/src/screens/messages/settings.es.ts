/** The sentences of the settings, in Spanish (usted). A missing one does not compile. */
import type { en } from './settings.en.ts';

export const es: Record<keyof typeof en, string> = {
  me_title: 'Yo',
  me_signed_in: '{name} · {role} · {program}',
  me_rules: 'Las reglas del programa',
  language_title: 'Idioma',
  theme_title: 'Luz',
  theme_system: 'Como el teléfono',
  theme_night: 'Noche',
  theme_day: 'Día',
  lock_now: 'Bloquear ahora',
  sign_out: 'Cerrar sesión',
  sign_out_lead: 'Al cerrar sesión se bloquea este teléfono. Lo que está en espera se sigue enviando.',
  phone_title: 'Este teléfono',
  storage_kept: 'El navegador se compromete a conservar lo guardado aquí.',
  storage_not_kept:
    'El navegador puede borrar lo guardado aquí si falta espacio. Envíe pronto e instale la aplicación.',
  storage_ask: 'Pedir al navegador que lo conserve',
  storage_refused: 'El navegador no se comprometió. Suele ayudar instalar la aplicación en la pantalla de inicio.',
  last_sync: 'Último intercambio con el servidor:',
  last_sync_never: 'Aún no hubo intercambio con el servidor desde que se abrió la aplicación.',
  sync_now: 'Enviar y recibir ahora',
  version: 'Versión {version}',
  update_ready: 'Hay una versión nueva lista. Empieza cuando usted lo diga; no se pierde nada escrito.',
  update_now: 'Usar la versión nueva',
  install_title: 'En la pantalla de inicio',
  install_lead: 'Instalada, la aplicación abre más rápido y el teléfono conserva sus datos más tiempo.',
  install_now: 'Instalar',
  install_ios: 'En Safari: toque Compartir y luego «Añadir a pantalla de inicio». Ábrala desde ahí y entre una vez.',
  install_menu: 'En el menú del navegador: «Instalar aplicación» o «Añadir a pantalla de inicio».',
  install_done: 'Abierta desde la pantalla de inicio.',
  test_title: 'Probar mi teléfono',
  test_lead: 'Un aviso tiene que despertarle. Permita las notificaciones y envíese una prueba.',
  answer_title: 'Avisarme cuando alguien la tenga',
  answer_lead: 'Permita las notificaciones. Así este teléfono le avisa, también bloqueado, de que alguien tiene su remisión.',
  notify_enable: 'Permitir notificaciones',
  notify_enabled: 'Las notificaciones están activas en este teléfono.',
  notify_denied:
    'Las notificaciones están bloqueadas. Permítalas para esta aplicación en los ajustes del teléfono y vuelva.',
  notify_unsupported:
    'Este navegador no puede recibir avisos. En un iPhone, instale primero la aplicación en la pantalla de inicio.',
  notify_failed: 'No se pudo registrar el teléfono para los avisos. Revise la conexión e intente de nuevo.',
  notify_test: 'Enviarme una prueba',
  notify_test_sent:
    'La prueba va en camino. Si en un minuto no suena nada, avise a su supervisor y deje la aplicación abierta.',
};
