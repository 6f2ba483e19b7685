import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { zones } from './arrows.js';
import { importsOf } from './imports-of.js';

/** @import { Zone } from './arrows.js' */

/**
 * The imports that go against the arrows, each as a line for the reader.
 *
 * @param {string} packagesFolder
 * @param {readonly string[]} files paths of modules in that folder, with `/` between folders
 * @returns {string[]}
 */
export function findViolations(packagesFolder, files) {
  return files.flatMap((file) => {
    const zone = zoneOf(file);
    if (zone === undefined) return [`${file}: belongs to no zone; give its folder a line in the table of arrows`];
    return importsOf(file, readFileSync(join(packagesFolder, file), 'utf8')).flatMap(({ specifier, line }) => {
      const fault = faultOf(file, zone, specifier);
      return fault === undefined ? [] : [`${file}:${line}: ${fault}`];
    });
  });
}

/**
 * @param {string} file
 * @param {Zone} zone
 * @param {string | undefined} specifier
 * @returns {string | undefined} what is wrong with the import
 */
function faultOf(file, zone, specifier) {
  if (specifier === undefined) {
    return zone.mayImport.includes('*') ? undefined : 'imports a computed name, which cannot be checked';
  }
  if (!specifier.startsWith('.')) {
    if (zone.mayImport.some((allowed) => matchesPackage(allowed, specifier))) return undefined;
    return `imports "${specifier}"; ${describe(zone)}`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target.split('/')[0] !== file.split('/')[0])
    return `imports "${specifier}", which is in another package's folder`;
  const targetFile = target.replace(/\.js$/, '.ts');
  if (zoneOf(targetFile) === zone) return undefined;
  if (zone.mayImport.some((allowed) => allowed === '*' || isIn(allowed, targetFile))) return undefined;
  return `imports "${specifier}"; ${describe(zone)}`;
}

/**
 * @param {string} allowed
 * @param {string} specifier
 */
function matchesPackage(allowed, specifier) {
  return allowed === '*' || allowed === specifier || (allowed === 'node:*' && specifier.startsWith('node:'));
}

/** @param {Zone} zone */
function describe(zone) {
  return `${zone.name} may import ${zone.mayImport.length === 0 ? 'nothing' : zone.mayImport.join(', ')}`;
}

/**
 * @param {string} file
 * @returns {Zone | undefined}
 */
function zoneOf(file) {
  return zones.find(({ name }) => isIn(name, file));
}

/**
 * @param {string} place a file, or a folder, in whose name `*` is any part of a folder's name
 * @param {string} file
 */
function isIn(place, file) {
  return new RegExp(`^${place.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`).test(file);
}
