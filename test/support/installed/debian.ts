import { runCommand, succeeds } from '../commands.ts';

/** Installs Debian packages when we are root on such a machine; otherwise rejects and says what is missing and why. */
export async function installDebianPackages(packages: readonly string[], purpose: string): Promise<void> {
  const isRootOnDebian = process.getuid?.() === 0 && (await succeeds('apt-get', ['--version']));
  if (!isRootOnDebian) throw new Error(`${purpose} Install it first (on Debian: apt-get install ${packages.join(' ')}).`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], env);
  await runCommand('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...packages], env);
}
