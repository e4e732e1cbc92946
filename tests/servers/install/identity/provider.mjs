// A certified OpenID provider for the tests: `node provider.mjs PORT PEOPLE.json`. It asks for a name and takes any
// password, and says of each person what the file says. Everything is in memory.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [port, people, modules] = process.argv.slice(2);
const entry = createRequire(join(modules, 'package.json')).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(entry));
const issuer = `http://127.0.0.1:${port}`;
const known = JSON.parse(readFileSync(people, 'utf8'));

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'callwarden',
      client_secret: 'callwarden-test-secret-0123456789',
      application_type: 'native', // loopback addresses of any port
      redirect_uris: ['http://127.0.0.1/login/callback'],
      post_logout_redirect_uris: ['http://127.0.0.1:8710/login'],
    },
    {
      client_id: 'somebody-else',
      client_secret: 'callwarden-test-secret-0123456789',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/login/callback'],
    },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups', 'lines', 'agents'] },
  findAccount: (_ctx, id) =>
    known[id] && { accountId: id, claims: () => ({ sub: `subject-of-${id}`, preferred_username: id, ...known[id] }) },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['callwarden tests'] },
});
provider.listen(Number(port), '127.0.0.1', () => console.log(`ready ${issuer}`));
