/** The sentences of the lock, and what is rarely said at sign-in, in Spanish (usted). A missing one does not compile. */
import type { en } from './lock.en.ts';

export const es: Record<keyof typeof en, string> = {
  locked_title: 'Bloqueado',
  unlock_passkey: 'Desbloquear con llave de acceso',
  tries_left_one: 'Una frase equivocada más y se pierden los borradores de este teléfono. Lo terminado se sigue enviando.',
  tries_left_other: '{n} frases equivocadas más y se pierden los borradores de este teléfono. Lo terminado se sigue enviando.',
  pin: 'PIN',
  pin_wrong: 'Ese no es el PIN. Tras cinco errores desaparece, y el teléfono se abre con la frase de contraseña.',
  pin_forget: 'Usar la frase de contraseña',
  unlock_as: 'Sesión de {login}',
  choose_officer: '¿Quién usa este teléfono?',
  choose_other: 'Otra persona',
  unsent_of_others_one: '{n} anotación de este teléfono espera su envío. Se seguirá enviando, entre quien entre.',
  unsent_of_others_other: '{n} anotaciones de este teléfono esperan su envío. Se seguirán enviando, entre quien entre.',
  cannot_unlock: 'No puedo desbloquear',
  write_only_title: 'Escribir sin desbloquear',
  write_only_lead:
    'Aún puede escribir una remisión y enviarla. No se puede guardar a medias: termínela de una vez. Un supervisor la revisará, porque este teléfono no puede firmarla.',
  write_only_start: 'Escribir una remisión ahora',

  sign_in_server:
    'El servidor no respondió como se esperaba. Nada de este teléfono se ha perdido. Intente en un minuto.',
  sign_in_too_many: 'Demasiados intentos. Espere {minutes} min e intente de nuevo.',
  sign_in_storage:
    'Este navegador no puede guardar nada en el teléfono (¿modo privado?). Abra la aplicación en una ventana normal.',
  sign_in_device: 'No se pudo registrar este teléfono. Pregunte a su administrador.',
  sign_in_code_label: 'Código de seis dígitos',
  sign_in_code_wrong: 'Ese no es el código de este momento, o ya se usó. Espere el siguiente y escríbalo.',
  sign_in_code: 'Escriba los seis dígitos que muestra ahora su aplicación de códigos.',
  sign_in_passkey: 'Entrar con llave de acceso',
  sign_in_passkey_not_used:
    'No se usó la llave de acceso. Se canceló, o este teléfono no pudo comprobar que es usted: hace falta bloqueo de pantalla, huella o rostro. Intente de nuevo o use la frase de contraseña.',
  sign_in_passkey_unknown: 'El servidor no conoce esta llave de acceso. Use su frase de contraseña.',
  sign_in_passkey_shut: 'Esta llave de acceso no abre lo que hay en este teléfono. Use su frase de contraseña.',
  sign_in_passkey_only: 'Este teléfono se abre con su llave de acceso. Desbloquéelo con ella; luego puede añadir una frase en «Yo».',
  join_have_code: 'Tengo una invitación',
};
