/** The parts that screens are made of. */
export { Button, LinkButton, type ButtonProps } from './button.tsx';
export { CallButton, dialled } from './call_button.tsx';
export { Choice, Options, Tick, TickList, type Option, type ThreeState } from './choice.tsx';
export { ErrorSummary, type FieldError } from './error_summary.tsx';
export { Field, TextArea, TextInput, useField, type FieldProps, type TextAreaProps, type TextInputProps } from './field.tsx';
export { Card, Screen, type ScreenProps } from './screen.tsx';
export { DraftLine, StateLine, stateSentence } from './state_line.tsx';
export { When, WhenDone } from './when.tsx';
