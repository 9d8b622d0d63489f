// An OpenID provider for tests: oidc-provider with people who are always who the test says they are.
//
//   node provider.mjs PATH_OF_CERTIFICATE PATH_OF_KEY CLIENT_ID CLIENT_SECRET RETURN_ADDRESSES_BEGIN_WITH
//
// It prints its issuer when it listens, and ends when stdin closes. POST /control sets what happens next:
//   account, amr, acr     who signs in, and how
//   claims, header, key   what the next ID token says instead, and what it is signed with: own, foreign, secret, none, broken
//   raw                   the whole next ID token
//   decline               the person says no
//   answer                what one of its addresses answers instead: {path, status, headers, body, bytes, wait}
// and answers with the paths that were asked for since the last time.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { CompactSign, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK } from 'jose';
import { Provider } from 'oidc-provider';

const [certificate, key, clientId, clientSecret, returnBegins] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(0)).resume();

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `https://localhost:${server.address().port}`;

const signing = { ...(await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
let control = {};

const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [returnBegins] }],
  jwks: { keys: [signing] },
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  responseTypes: ['code'],
  acrValues: ['urn:two', 'urn:one'],
  claims: { openid: ['sub', 'acr', 'amr'] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
  renderError: (ctx, out) => {
    ctx.type = 'json';
    ctx.body = out;
  },
});

provider.Client.prototype.redirectUriAllowed = (address) => address.startsWith(returnBegins);

const base64url = (value) => Buffer.from(value).toString('base64url');

// The token as the real provider made it, with what the test wants to be wrong with it.
async function bent(token) {
  if (control.raw !== undefined) return control.raw;
  const claims = { ...decodeJwt(token), ...control.claims };
  for (const [name, value] of Object.entries(claims)) if (value === null) delete claims[name];
  const header = { ...decodeProtectedHeader(token), ...control.header };
  const how = control.key ?? 'own';
  if (how === 'none') return `${base64url(JSON.stringify({ ...header, alg: 'none' }))}.${base64url(JSON.stringify(claims))}.`;
  if (how === 'secret') {
    const signed = `${base64url(JSON.stringify({ ...header, alg: 'HS256' }))}.${base64url(JSON.stringify(claims))}`;
    return `${signed}.${createHmac('sha256', clientSecret).update(signed).digest('base64url')}`;
  }
  const signer = new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header);
  const made = await signer.sign(how === 'foreign' ? foreign : await importJWK(signing, 'RS256'), {
    crit: Object.fromEntries((control.header?.crit ?? []).map((name) => [name, true])),
  });
  return how === 'broken' ? made.slice(0, -8) + (made.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA') : made;
}

provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = await bent(ctx.body.id_token);
});

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (control.decline) return provider.interactionFinished(request, response, { error: 'access_denied' });
  if (details.prompt.name !== 'login') throw new Error(details.prompt.name);
  const login = { accountId: control.account ?? 'nobody', amr: control.amr, acr: control.acr };
  return provider.interactionFinished(request, response, { login });
}

async function read(request) {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text);
}

const asked = [];
const callback = provider.callback();
async function serve(request, response) {
  const path = new URL(request.url, issuer).pathname;
  if (path === '/control') {
    control = await read(request);
    return response.end(JSON.stringify(asked.splice(0)));
  }
  asked.push(path);
  const answer = control.answer;
  if (answer?.path === path) {
    if (answer.wait) return undefined;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    return response.end(answer.bytes ? 'x'.repeat(answer.bytes) : JSON.stringify(answer.body));
  }
  if (path.startsWith('/interaction/')) return interact(request, response);
  return callback(request, response);
}

server.on('request', (request, response) => {
  serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
console.log(issuer);
