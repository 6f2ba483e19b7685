export { attackFiles, type FilesAttack, type FilesFailure, type FilesReport } from './files/attackFiles.js';
