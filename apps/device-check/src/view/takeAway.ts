import { html, nothing, type TemplateResult } from 'lit-html';
import { htmlFile, jsonFile, markdownFile, type ReportFile } from '../report/reportFiles.js';
import type { DeviceCheck } from '../run/DeviceCheck.js';

/** The buttons that hand the report out; `say` is told what came of it. */
export function takeAway(check: DeviceCheck, said: string, say: (text: string) => void): TemplateResult {
  return html`<section aria-labelledby="report-title" id="report">
    <h2 id="report-title">Take it with you</h2>
    <p>
      The report says what device this is, and what was measured, with every case. It stays here until you hand it on.
    </p>
    <div class="buttons">
      <button type="button" id="save-html" @click=${() => save(htmlFile(check))}>Save as a page</button>
      <button type="button" id="save-json" @click=${() => save(jsonFile(check))}>Save as JSON</button>
      ${canCopy() ? html`<button type="button" id="copy" @click=${() => copy(check, say)}>Copy as Markdown</button>` : nothing}
      ${
        canShare(check)
          ? html`<button type="button" id="share" @click=${() => share(htmlFile(check), say)}>Share …</button>`
          : nothing
      }
    </div>
    <p role="status" class="said">${said}</p>
  </section>`;
}

function fileOf({ name, type, text }: ReportFile): File {
  return new File([text], name, { type });
}

function save(report: ReportFile): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(fileOf(report));
  link.download = report.name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Pages that are not secure have no clipboard. */
function canCopy(): boolean {
  return (navigator as { clipboard?: Clipboard }).clipboard !== undefined;
}

async function copy(check: DeviceCheck, say: (text: string) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(markdownFile(check).text);
    say('Copied.');
  } catch (error) {
    say(`The browser did not let it be copied: ${String(error)}`);
  }
}

function canShare(check: DeviceCheck): boolean {
  const { canShare: asks } = navigator as { canShare?: Navigator['canShare'] };
  return asks !== undefined && navigator.canShare({ files: [fileOf({ ...htmlFile(check), text: '' })] });
}

async function share(report: ReportFile, say: (text: string) => void): Promise<void> {
  try {
    await navigator.share({ files: [fileOf(report)], title: 'tempograd device check' });
  } catch (error) {
    // Closing the dialogue is no fault.
    if ((error as Error).name !== 'AbortError') say(`It could not be shared: ${String(error)}`);
  }
}
