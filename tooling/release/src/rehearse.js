import { findChromium } from '@tempograd/vitest-config/chromium';
import { openPage } from './page.js';
import { Rehearsal } from './Rehearsal.js';

/** A release without its end, step by step; it ends with what would be published. The workspace must be built. */
export async function rehearse() {
  const rehearsal = new Rehearsal();
  try {
    await step('Versions, changelogs and tarballs', () => rehearsal.pack());
    for (const manager of /** @type {const} */ (['npm', 'pnpm', 'yarn'])) {
      await step(`Installing with ${manager}`, () => rehearsal.install(manager));
      await step('  training in Node', () => rehearsal.train(manager));
    }
    for (const resolution of /** @type {const} */ (['nodenext', 'bundler'])) {
      await step(`Types under ${resolution}`, () => rehearsal.typeCheck('npm', resolution));
    }
    if (findChromium() === undefined) console.log('A Vite page … left out: no Chromium was found; set CHROMIUM_PATH');
    else {
      for (const how of /** @type {const} */ (['built', 'development'])) {
        await step(`A Vite page, ${how}`, () => openPage(rehearsal.project('npm'), how));
      }
    }
    await step('npx @tempograd/cli check', () => rehearsal.npx(['check', '--backend', 'js', '--op', 'tanh']));
    console.log('\nTo be published:');
    for (const { name, version } of rehearsal.packed) console.log(`  ${name} ${version}`);
  } finally {
    await rehearsal.close();
  }
}

/**
 * @param {string} title
 * @param {() => Promise<unknown>} work
 */
async function step(title, work) {
  process.stdout.write(`${title} … `);
  const began = performance.now();
  await work();
  console.log(`${((performance.now() - began) / 1000).toFixed(1)} s`);
}
