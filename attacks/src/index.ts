export { attackFiles, type FilesAttack, type FilesFailure, type FilesReport } from './files/attackFiles.js';
export { attackCommand, type CommandReport } from './files/attackCommand.js';
export { attackKills, type KillsAttack, type KillsFailure, type KillsReport } from './kills/attackKills.js';
