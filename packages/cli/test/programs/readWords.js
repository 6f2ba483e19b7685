// Goes over a text by words, and reads all of them.
import { wordVocabulary } from '@tempograd/nn';
import { indexTextFile } from '@tempograd/nn/node';

const text = await indexTextFile(process.argv[2], { unit: 'words' });
const vocabulary = wordVocabulary(text.counts);
const items = text.items(vocabulary);
let read = 0;
for (let at = 0; at < items.length; at += 20_000) {
  read += (await items.read(at, Math.min(at + 20_000, items.length))).length;
}
await text.close();
console.log(`${text.length} items, ${vocabulary.size} words, ${read} read`);
