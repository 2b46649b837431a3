// Runs before each test file. The SDK reads the environment and the working directory's `.env` on
// every call, so no test may depend on what they happen to hold.

for (const name of Object.keys(process.env)) {
  if (name.startsWith('QIANFAN_')) delete process.env[name];
}
process.chdir(__dirname);
