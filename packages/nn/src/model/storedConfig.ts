import type { OwnCell } from '../layers/index.js';
import { parseJson } from '../safetensors/parseJson.js';
import type { AnyInput } from './ModelInput.js';
import { configDepth, modelCells, type SequenceModelConfig } from './config.js';
import { refuseUnless } from './refuseUnless.js';

/**
 * The configuration in a text, `JSON.stringify(model.config)`, with a cell of one's own in place of its name.
 * @throws ArgumentError when the cell that it names is none of these; DataError for what is no JSON.
 */
export function storedConfig(text: string, cells: readonly OwnCell[]): SequenceModelConfig<AnyInput> {
  const config = parseJson(text, configDepth) as SequenceModelConfig<AnyInput>;
  const name: unknown = (config as SequenceModelConfig<AnyInput> | null)?.cell;
  if (typeof name !== 'string' || (modelCells as readonly string[]).includes(name)) return config;
  const own = cells.find((cell) => cell.name === name);
  if (own !== undefined) return { ...config, cell: own };
  const given = cells.length === 0 ? '' : `, beside ${cells.map((cell) => `"${cell.name}"`).join(', ')}`;
  refuseUnless(
    false,
    `its cell is "${name}", none of ours. Hand it in${given}: { cells: [{ name: "${name}", shapes, cell }] }.`,
  );
  return config;
}
