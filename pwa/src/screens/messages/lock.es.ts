/** The sentences of the lock, in Spanish (usted). A missing one does not compile. */
import type { en } from './lock.en.ts';

export const es: Record<keyof typeof en, string> = {
  locked_title: 'Bloqueado',
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
  wraps_gone_title: 'Este teléfono perdió su clave',
  wraps_gone_lead:
    'Los borradores de este teléfono ya no se pueden abrir. Lo terminado se sigue enviando. Inicie sesión de nuevo para preparar el teléfono o escriba una remisión ahora.',

  old_passphrase_title: 'Su frase de contraseña ha cambiado',
  old_passphrase_lead:
    'Lo escrito en este teléfono sigue cerrado con su frase anterior. Escríbala una vez y, desde ahora, lo abrirá la nueva.',
  old_passphrase_label: 'Frase anterior',
  old_passphrase_wrong: 'Este teléfono no se cerró con esa frase. Intente de nuevo.',
  old_passphrase_use: 'Usar la frase nueva',
  start_afresh: 'Ya no recuerdo la anterior',
  start_afresh_lead:
    'Los borradores sin terminar de este teléfono ya no podrán leerse. Lo terminado se sigue enviando. ¿Desea continuar?',
  start_afresh_yes: 'Continuar sin los borradores anteriores',
};
