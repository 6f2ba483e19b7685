export { attackFiles, type FilesAttack, type FilesFailure, type FilesReport } from './files/attackFiles.js';
export { attackCommand, type CommandReport } from './files/attackCommand.js';
export { attackKernels, kernelMachines, type KernelFailure, type KernelsAttack } from './kernels/attackKernels.js';
export { attackKills, type KillsAttack, type KillsFailure, type KillsReport } from './kills/attackKills.js';
export { disposePlaces, tfjsPlace, wasmPlace, wasmPlaces, type Place } from './places.js';
export {
  attackPrograms,
  type ProgramFailure,
  type ProgramsAttack,
  type ProgramsReport,
} from './programs/attackPrograms.js';
export { attackStreams, type StreamsAttack, type StreamsFailure, type StreamsReport } from './streams/attackStreams.js';
export { attackTexts, type TextsAttack, type TextsFailure, type TextsReport } from './texts/attackTexts.js';
export { attackShapes, type ShapeFailure, type ShapesAttack, type ShapesReport } from './shapes/attackShapes.js';
