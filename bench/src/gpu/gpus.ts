/** A GPU as a roofline has it: figures of its maker. */
export interface GpuFigures {
  readonly name: string;
  /** Single precision, without tensor units, in 10¹² operations a second. */
  readonly teraflops: number;
  /** Of its memory, in 10⁹ bytes a second. */
  readonly gigabytes: number;
  /** From the end of a dispatch to the start of one that needs its results, in microseconds; about, by measurements of many. */
  readonly gap: number;
}

/** One that shares the processor's memory, one of a laptop, one of a server. */
export const gpus: readonly GpuFigures[] = [
  { name: 'Iris Xe (96 units)', teraflops: 2.2, gigabytes: 68, gap: 8 },
  { name: 'RTX 4060 laptop', teraflops: 11.6, gigabytes: 256, gap: 4 },
  { name: 'H100 SXM', teraflops: 66.9, gigabytes: 3350, gap: 3 },
];
