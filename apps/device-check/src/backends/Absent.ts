/** This browser lacks what a backend needs, which is no fault of the backend's; the message says what to do. */
export class Absent extends Error {}
