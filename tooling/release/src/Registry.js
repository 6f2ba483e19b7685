import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { installedPackages, packFolder } from './third-party.js';
import { readManifest } from './workspace.js';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { AddressInfo } from 'node:net' */
/** @import { Packed } from './pack.js' */
/** @import { Manifest } from './workspace.js' */

/**
 * A version of a package. Those of others are packed when they are fetched, since far more are looked at than are installed.
 *
 * @typedef {{ manifest: Manifest, integrity?: string, tarball: () => Promise<string> }} Version
 */

/**
 * A registry of this machine alone: it has the packages that were packed, and those of others that the workspace has installed.
 * What it has not, it says it has not; nothing is asked of a network.
 */
export class Registry {
  /** @type {Map<string, Version[]>} */
  #versions = new Map();
  #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  /** Names that were asked for and are not here, so that a failed installation can say why. */
  missing = new Set();

  /**
   * @param {string} base the workspace, whose installed packages it hands out
   * @param {string} scratch a folder for tarballs of those
   * @param {readonly Packed[]} packed
   * @param {readonly Manifest[]} manifests those of `packed`, as they are in the tarballs
   */
  constructor(base, scratch, packed, manifests) {
    for (const [name, folders] of installedPackages(base)) {
      const versions = folders.map((folder) => {
        const manifest = readManifest(join(folder, 'package.json'));
        /** @type {Promise<string> | undefined} */
        let tarball;
        return { manifest, tarball: () => (tarball ??= packFolder(folder, join(scratch, name, manifest.version))) };
      });
      this.#versions.set(name, versions);
    }
    packed.forEach(({ name, tarball }, i) => {
      const manifest = /** @type {Manifest} */ (manifests[i]);
      const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
      this.#versions.set(name, [{ manifest, integrity, tarball: () => Promise.resolve(tarball) }]);
    });
  }

  /** @returns {Promise<string>} its address, once it answers */
  async start() {
    await new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve(undefined));
    });
    return this.address;
  }

  get address() {
    return `http://127.0.0.1:${/** @type {AddressInfo} */ (this.#server.address()).port}/`;
  }

  /** @returns {Promise<void>} */
  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async #answer(request, response) {
    const [name = '', file] = decodeURIComponent((request.url ?? '/').slice(1)).split('/-/');
    const versions = this.#versions.get(name);
    if (versions === undefined) {
      this.missing.add(name);
      response.writeHead(404).end('{}');
    } else if (file === undefined) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.#packument(name, versions)));
    } else {
      const version = versions.find(({ manifest }) => file === `${manifest.version}.tgz`);
      if (version === undefined) response.writeHead(404).end();
      else response.end(readFileSync(await version.tarball()));
    }
  }

  /**
   * @param {string} name
   * @param {readonly Version[]} versions
   */
  #packument(name, versions) {
    const all = versions.map(({ manifest, integrity }) => {
      // What was installed needs no script, and what a package was built with nobody installs.
      const { devDependencies: _built, scripts: _scripts, ...rest } = { scripts: null, ...manifest };
      const tarball = `${this.address}${name}/-/${manifest.version}.tgz`;
      return [manifest.version, { ...rest, dist: { tarball, integrity } }];
    });
    return { name, 'dist-tags': { latest: versions.at(-1)?.manifest.version }, versions: Object.fromEntries(all) };
  }
}
