/** The door to everything about two people's words for one thing: cards to choose, and what changed while a form was open. */
import { Conflicts, type ConflictsProps } from './cards.tsx';
import { Meanwhile, type MeanwhileProps } from './changed.tsx';
import './conflicts.css';

type Room = ({ what: 'cards' } & ConflictsProps) | ({ what: 'changed' } & MeanwhileProps);

export default function ConflictsRoom(props: Room) {
  return props.what === 'cards' ? <Conflicts {...props} /> : <Meanwhile {...props} />;
}
