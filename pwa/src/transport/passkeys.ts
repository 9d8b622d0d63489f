/**
 * Passkeys as the browser asks for them (WebAuthn): what the server sends as JSON becomes a request, and what the
 * authenticator says becomes JSON again.
 *
 * Written out rather than left to the browser's own `toJSON`: not every phone has it, and it would put the secret that
 * opens the vault into what is sent. That secret is read apart, and never leaves the phone.
 */
import { fromBase64url, random, toBase64url } from '../storage/bytes.ts';
import type { Bytes } from '../storage/schema.ts';
import { PRF_INPUT, type PasskeySecret } from '../storage/unlock.ts';

/** Does not hold for web views inside of other apps. */
export const passkeysExist = (): boolean => typeof PublicKeyCredential !== 'undefined' && navigator.credentials !== undefined;

interface Descriptor {
  id: string;
  type: 'public-key';
  transports?: AuthenticatorTransport[];
}

/** `PublicKeyCredentialRequestOptionsJSON`, as far as a server of ours fills it. */
export interface RequestJson {
  challenge: string;
  rpId?: string;
  timeout?: number;
  allowCredentials?: Descriptor[];
}

/** `PublicKeyCredentialCreationOptionsJSON`, likewise. */
export interface CreationJson {
  challenge: string;
  rp: { id?: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout?: number;
  excludeCredentials?: Descriptor[];
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  attestation?: AttestationConveyancePreference;
}

/** What one ceremony gave: what the server may see, and what it may not. */
export interface Ceremony {
  credential: Record<string, unknown>;
  /** Null where this authenticator or browser gives no secret. */
  secret: PasskeySecret | null;
  /** Said at registration: it can give one, if asked again. */
  promised: boolean;
}

const CHALLENGE_BYTES = 32;
const PRF = { prf: { eval: { first: PRF_INPUT } } };

const listed = (all: readonly Descriptor[] = []): PublicKeyCredentialDescriptor[] =>
  all.map((each) => ({ ...each, id: fromBase64url(each.id) }));

/** For a phone without a network: nobody checks the answer but the vault, which opens or does not. */
export const localRequest = (): RequestJson => ({ challenge: toBase64url(random(CHALLENGE_BYTES)) });

/**
 * Asks the person for one of these passkeys, or any of theirs. Call it in the tap itself, before anything is awaited:
 * Safari asks for a fresh one.
 *
 * @throws DOMException: cancelled, timed out, or the person could not be checked (`NotAllowedError`)
 */
export async function askPasskey(request: RequestJson, only: readonly string[] = []): Promise<Ceremony> {
  const { challenge, rpId, timeout } = request;
  const allowed = only.length > 0 ? only.map((id): Descriptor => ({ id, type: 'public-key' })) : request.allowCredentials;
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: fromBase64url(challenge),
    allowCredentials: listed(allowed),
    // Without a check of the person, whoever holds the phone would be them.
    userVerification: 'required',
    extensions: PRF,
    ...(rpId === undefined ? {} : { rpId }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  return ceremony((await navigator.credentials.get({ publicKey })) as PublicKeyCredential);
}

/** Makes a passkey. @throws DOMException as above, and `InvalidStateError` where this phone has one for the person already */
export async function makePasskey(options: CreationJson): Promise<Ceremony> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
    authenticatorSelection: { ...options.authenticatorSelection, userVerification: 'required' },
    extensions: PRF,
  };
  return ceremony((await navigator.credentials.create({ publicKey })) as PublicKeyCredential);
}

const ANSWERS = ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle', 'attestationObject'] as const;

function ceremony(made: PublicKeyCredential): Ceremony {
  const said = made.response as unknown as Partial<Record<(typeof ANSWERS)[number], ArrayBuffer | null>> & Partial<AuthenticatorAttestationResponse>;
  const response: Record<string, unknown> = {};
  for (const name of ANSWERS) {
    const bytes = said[name];
    if (bytes) response[name] = toBase64url(new Uint8Array(bytes));
  }
  const transports = said.getTransports?.();
  if (transports) response['transports'] = transports;
  const id = toBase64url(new Uint8Array(made.rawId));
  const { prf } = made.getClientExtensionResults();
  const first = prf?.results?.first;
  return {
    credential: {
      id, rawId: id, type: made.type, response, clientExtensionResults: prf?.enabled === undefined ? {} : { prf: { enabled: prf.enabled } },
      ...(made.authenticatorAttachment ? { authenticatorAttachment: made.authenticatorAttachment } : {}),
    },
    secret: first ? { credential_id: id, secret: bytesOf(first) } : null,
    promised: prf?.enabled === true,
  };
}

const bytesOf = (source: BufferSource): Bytes =>
  ArrayBuffer.isView(source)
    ? Uint8Array.from(new Uint8Array(source.buffer, source.byteOffset, source.byteLength))
    : new Uint8Array(source);
