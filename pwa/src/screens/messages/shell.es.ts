/** The sentences of the frame and of signing in, in Spanish (usted). A missing one does not compile. */
import type { en } from './shell.en.ts';

export const es: Record<keyof typeof en, string> = {
  app_name: 'Warm Handoff',
  demo_banner: 'Demostración: personas inventadas',
  skip_to_main: 'Ir a la pantalla',
  starting: 'Iniciando',
  loading: 'Cargando',
  could_not_load: 'Esta parte de la aplicación no llegó. Revise la conexión e intente de nuevo.',
  try_again: 'Intentar de nuevo',

  connecting: 'Conectando',
  connected: 'Conectado',
  offline: 'Sin conexión',
  sign_in_to_send: 'Inicie sesión para seguir enviando',
  waiting_one: '{n} en espera',
  waiting_other: '{n} en espera',
  call: 'Llamar',
  call_who: 'Llamar a {name}',
  not_sent_keep_open: 'NO ENVIADO: deje esto abierto o llame',
  menu_me: 'Yo',
  unsaved: 'Este teléfono no puede guardar lo que escribe. Termine y envíe ahora, o llame.',
  outdated: 'Hay una versión más nueva abierta en otra pestaña. Recargue esta.',
  blocked: 'Cierre las otras pestañas de esta aplicación: una versión anterior impide que empiece la nueva.',
  reload: 'Recargar',
  write_only_banner: 'Sin desbloquear. Termine de una vez: nada se guarda aquí hasta que se envíe.',

  back: 'Atrás',
  errors_title: 'Revise esto, por favor',
  optional: 'opcional',
  passphrase_missing: 'Escriba su frase de contraseña.',
  sign_in_title: 'Iniciar sesión',
  sign_in_lead:
    'La primera vez en este teléfono hace falta conexión. Después, la aplicación también funciona sin ella.',
  login: 'Usuario',
  passphrase: 'Frase de contraseña',
  sign_in: 'Entrar',
  signing_in: 'Entrando',
  login_missing: 'Escriba su usuario.',
  sign_in_refused: 'El usuario o la frase de contraseña no son correctos. Revíselos e intente de nuevo.',
  sign_in_offline:
    'Sin conexión. La primera vez en este teléfono hace falta. Busque señal e intente de nuevo, o llame.',
};
